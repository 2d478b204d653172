/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay.h - parcels of one size from one thread to another: batches of segments, or of records.
 *
 * A bounded queue for one sender and one receiver: neither gets far ahead of the other, and both lock only
 * once a parcel. Parcels stay where they are: the sender fills them in place, and the receiver reads them
 * there.
 */
#ifndef LASTACK_UI_RELAY_H
#define LASTACK_UI_RELAY_H

#include <stddef.h>

struct relay;

/* For parcels of that many bytes, zeroed before their first use. NULL with errno when out of memory. */
struct relay *relay_new(size_t parcel_size);

/* The sender's side. A parcel to fill, as soon as there is one; it holds what it held before. */
void *relay_blank(struct relay *relay);

/* Hands over the parcel that relay_blank() gave last. */
void relay_send(struct relay *relay);

/* The same, but the receiver need not be woken for it yet: another will be sent soon. */
void relay_send_later(struct relay *relay);

/* Nothing more will be sent. */
void relay_close(struct relay *relay);

/* The receiver's side. The next parcel, its own until the next call; NULL: no more will come. */
const void *relay_take(struct relay *relay);

void relay_free(struct relay *relay); /* NULL is fine */

#endif
