/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a request failed, in the user's words.
 */
#ifndef DM_PROBLEM_H
#define DM_PROBLEM_H

struct problem {
	int err; /* -errno; 0: there is no problem */
	char step[96]; /* what was being done: "assign the device to the guest" */
	char text[192]; /* what is wrong with it */
	char hint[192]; /* the way out, or "" */
};

/*
 * Notes a problem and returns @err. The first problem is kept; later ones are logged.
 * Without @text, the text of errno is used. A part of @text may be that of a guest's QEMU:
 * what is not printable is replaced.
 */
int problem_note(struct problem *problem, int err, const char *step,
		 const char *text, const char *hint);

#endif
