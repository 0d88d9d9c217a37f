/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A log in place of vfio-xen-dm's, with which a test can see what was said.
 */
#ifndef FAKE_LOG_H
#define FAKE_LOG_H

#define FAKE_LOG_SIZE 4096

extern unsigned int nr_messages;
extern char last_message[FAKE_LOG_SIZE]; /* of any level */
extern char last_error[FAKE_LOG_SIZE]; /* LOG_ERR and above */

extern char last_event[FAKE_LOG_SIZE]; /* its name, device and domid */

/* Forgets all of them. */
void fake_log_clear(void);

#endif
