#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks the dashboard and the alert rules, and the table of metrics, against what --metrics tells.

usage: metrics_files.py ROOT [unittest arguments]

What it tells is in tests/golden/metrics_openmetrics.txt, to which test_metrics holds it. promtool is
Prometheus's own check.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import manual  # noqa: E402
import openmetrics  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
METRIC = r"\b(?:lastack|process)_[a-z0-9_]+"
SELECTOR = re.compile(rf'({METRIC})(?:\{{((?:[^"}}]|"[^"]*")*)\}})?')
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\b(by|on)\s*\(([^)]*)\)")
LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")
ADDED = {"job", "instance"}  # by Prometheus
# Lists of vocabulary.h and cause_list.h whose words are the values of a label.
WORDS = {"close": "CLOSES", "cause": "CAUSES", "closer": "CLOSERS", "state": "STATES"}
KINDS = {"counter": "COUNTER", "gauge": "GAUGE", "histogram": "HISTOGRAM", "info": "INFO"}


def exposition():
    return openmetrics.parse((ROOT / "tests/golden/metrics_openmetrics.txt").read_text())


def labels_of_samples():
    """{sample name: names of its labels}."""
    found = {}
    for family in exposition().values():
        for name, labels in family.samples:
            found.setdefault(name, set()).update(label for label, _ in labels)
    return found


def words():
    header = "".join((ROOT / "analyzer" / name).read_text() for name in ("vocabulary.h", "cause_list.h"))
    header = header.replace("\\\n", " ")
    found = {"side": {"client", "server"}, "by": {"kernel", "interface"}}
    for label, name in WORDS.items():
        body = re.search(rf"#define {name}\(X\)(.*)\n", header).group(1)
        found[label] = set(re.findall(r'X\(\w+,\s*"([^"]*)"', body))
    found["cause"] = found["cause"] - {""} | {"none"}
    return found


def dashboard():
    return json.loads((ROOT / "ui/lastack-dashboard.json").read_text())


def dashboard_expressions():
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def alert_expressions():
    """Of a file of a simple form: expr up to the next key of the rule."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / "ui/lastack-alerts.yml").read_text(), flags=re.M)
    for rule in re.split(r"^ *- alert: ", text, flags=re.M)[1:]:
        name = rule.split("\n", 1)[0]
        yield name, re.search(r"expr:(.*?)\n {8}\w+:", rule, re.S).group(1)


def promtool(*arguments):
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=120, check=False)


class Table(unittest.TestCase):
    def test_what_is_told_is_the_table(self):
        told = {}
        for family in exposition().values():
            orders = {tuple(name for name, _ in labels if name != "le") for _, labels in family.samples}
            self.assertEqual(len(orders), 1, family.name)
            told[family.name] = [KINDS[family.type], family.said.get("UNIT", ""), ", ".join(orders.pop()),
                                 family.said["HELP"]]
        table = {name: rest for name, *rest in manual.metrics((ROOT / "ui/metric_list.h").read_text())}
        self.assertEqual(told, table)
        self.assertEqual(list(told), list(table))


class Expressions(unittest.TestCase):
    def check(self, expressions):
        labels, values = labels_of_samples(), words()
        seen = set()
        for where, expression in expressions:
            known = set(ADDED)
            for name, matchers in SELECTOR.findall(expression):
                self.assertIn(name, labels, where)
                seen.add(name)
                known |= labels[name]
                for label, kind, value in MATCHER.findall(matchers):
                    self.assertIn(label, labels[name] | ADDED, f"{where}: {name}")
                    for word in value.split("|") if label in values else ():
                        self.assertIn(word, values[label], f"{where}: {label}{kind}")
            for _, group in GROUPING.findall(expression):
                for label in filter(None, re.split(r"[,\s]+", group)):
                    self.assertIn(label, known, where)
        return seen

    def test_the_dashboard_asks_for_what_there_is(self):
        seen = self.check(dashboard_expressions())
        self.assertGreater(len(seen), 10)

    def test_the_rules_ask_for_what_there_is(self):
        expressions = list(alert_expressions())
        self.assertEqual(len(expressions), (ROOT / "ui/lastack-alerts.yml").read_text().count("- alert:"))
        self.assertGreater(len(self.check(expressions)), 5)

    def test_prometheus_can_read_the_dashboards_expressions(self):
        lines = ["groups:", "  - name: dashboard", "    rules:"]
        for i, (_, expression) in enumerate(dashboard_expressions()):
            expression = expression.replace("$__rate_interval", "5m").replace("$instance", ".*")
            self.assertNotIn("$", expression)
            lines += [f"      - record: x{i}", f"        expr: {json.dumps(expression)}"]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            done = promtool("check", "rules", file.name)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        self.assertIn(f"{(len(lines) - 3) // 2} rules found", done.stdout)


class Dashboard(unittest.TestCase):
    def test_it_can_be_imported(self):
        """The data source is asked for, and nothing in it is of somebody's own Grafana."""
        board = dashboard()
        inputs = [(each["name"], each["type"], each["pluginId"]) for each in board["__inputs"]]
        self.assertEqual(inputs, [("DS_PROMETHEUS", "datasource", "prometheus")])
        self.assertIsNone(board["id"])
        sources = [panel["datasource"] for panel in board["panels"]]
        sources += [target["datasource"] for panel in board["panels"] for target in panel["targets"]]
        sources += [variable["datasource"] for variable in board["templating"]["list"]]
        for source in sources:
            self.assertEqual(source, {"type": "prometheus", "uid": "${DS_PROMETHEUS}"})
        needed = {each["id"] for each in board["__requires"] if each["type"] == "panel"}
        self.assertEqual(needed, {panel["type"] for panel in board["panels"]})

    def test_variables_exist(self):
        board = dashboard()
        names = {variable["name"] for variable in board["templating"]["list"]} | {"__rate_interval"}
        for title, expression in dashboard_expressions():
            self.assertLessEqual(set(re.findall(r"\$(\w+)", expression)), names, title)

    def test_panels_fill_the_page_and_do_not_overlap(self):
        cells = set()
        for panel in dashboard()["panels"]:
            at = panel["gridPos"]
            mine = {(at["x"] + i, at["y"] + k) for i in range(at["w"]) for k in range(at["h"])}
            self.assertFalse(mine & cells, panel["title"])
            cells |= mine
        self.assertEqual(cells, {(x, y) for x in range(24) for y in range(1 + max(y for _, y in cells))})

    def test_panels_are_told_apart(self):
        board = dashboard()
        self.assertEqual(len({panel["id"] for panel in board["panels"]}), len(board["panels"]))
        for panel in board["panels"]:
            refs = [target["refId"] for target in panel["targets"]]
            self.assertEqual(len(set(refs)), len(refs))
            self.assertTrue(panel["description"].endswith("."), panel["title"])

    def test_legends_name_labels_that_there_are(self):
        labels = labels_of_samples()
        for panel in dashboard()["panels"]:
            for target in panel["targets"]:
                known = ADDED.union(*(labels[name] for name, _ in SELECTOR.findall(target["expr"])))
                grouped = re.match(r"(?:sum|max)(?: by \((.*?)\))? ?\(", target["expr"])
                if grouped:
                    known = set(re.split(r", ", grouped.group(1) or ""))
                self.assertLessEqual(set(LEGEND.findall(target["legendFormat"])), known, panel["title"])


class Alerts(unittest.TestCase):
    def test_prometheus_takes_them(self):
        done = promtool("check", "rules", str(ROOT / "ui/lastack-alerts.yml"))
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)

    def test_they_fire_when_they_should(self):
        text = (ROOT / "tests/alerts_test.yml").read_text()
        for name, _ in alert_expressions():
            self.assertIn(f"alertname: {name}\n        exp_alerts:", text)
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(text.replace("  - RULES\n", f"  - {json.dumps(str(ROOT / 'ui/lastack-alerts.yml'))}\n"))
            file.flush()
            done = promtool("test", "rules", file.name)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not shutil.which("promtool"):
        sys.exit(__doc__ if len(sys.argv) < 2 else "promtool is missing: tests/install-deps --test")
    ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
