/* SPDX-License-Identifier: GPL-2.0 */
/* Hypercalls that fail on demand, where devices may be after that, and steps to fail in turn. */
#ifndef INJECT_H
#define INJECT_H

#include <stdbool.h>
#include <stddef.h>

/* The nth hypercall from now fails; 0 takes that back. */
void inject_nth(int nth);
/* So do the nr hypercalls after that; the next nr if there is no nth. 0 takes that back. */
void inject_next(int nr);
/* With which errno. */
void inject_errno(int value);
/* Whether it has failed. */
bool inject_fired(void);

/*
 * Whether a device is in legal hands: quarantine; a shell domain or a guest while open;
 * dom0 with bus mastering off. Others are printed.
 */
bool inject_legal(const char *sbdf, bool open);

/* A step of a use; what the use has got so far is its program's. */
struct inject_step {
	const char *name;
	int (*run)(void);	/* 0 or -errno */
	bool spared;		/* it has no hypercalls to fail */
};

/**
 * struct inject_use - a use of devices, in steps
 * @legal:	whether its devices are in legal hands, given what is open
 * @close:	close all that is open
 * @next_use:	0 if a whole use works, and leaves nothing behind; else -errno
 */
struct inject_use {
	const struct inject_step *steps;
	size_t nr_steps;
	bool (*legal)(void);
	void (*close)(void);
	int (*next_use)(void);
};

/*
 * Makes each hypercall of each step fail in turn, and reports whether devices
 * are in legal hands then and after a close, and whether the next use works.
 */
void inject_each(const struct inject_use *use);

#endif
