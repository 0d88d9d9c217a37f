// SPDX-License-Identifier: GPL-2.0
/*
 * with-caps "CAP_X CAP_Y" PROGRAM [ARGUMENT]...: run it as a service of systemd
 * with that CapabilityBoundingSet= and NoNewPrivileges=yes.
 */
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Those that services here ask for. */
static const struct {
	const char *name;
	int number;
} known[] = {
	{ "CAP_KILL", CAP_KILL },
	{ "CAP_SETGID", CAP_SETGID },
	{ "CAP_SETUID", CAP_SETUID },
	{ "CAP_SYS_ADMIN", CAP_SYS_ADMIN },
};

static int find(const char *name)
{
	for (unsigned int i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, name))
			return known[i].number;
	return -1;
}

/* A bit for each, or 0 if one is not known. */
static unsigned long long parse(char *names)
{
	unsigned long long set = 0;
	char *name;

	for (name = strtok(names, " "); name; name = strtok(NULL, " ")) {
		int number = find(name);

		if (number < 0) {
			fprintf(stderr, "with-caps: what is %s?\n", name);
			return 0;
		}
		set |= 1ULL << number;
	}
	return set;
}

int main(int argc, char **argv)
{
	unsigned long long set = argc > 2 ? parse(argv[1]) : 0;

	if (!set)
		return 2;
	/* Beyond the last one there is EINVAL. */
	for (int i = 0; prctl(PR_CAPBSET_READ, i) >= 0; i++) {
		if (!(set >> i & 1) && prctl(PR_CAPBSET_DROP, i)) {
			perror("with-caps: PR_CAPBSET_DROP");
			return 1;
		}
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		perror("with-caps: PR_SET_NO_NEW_PRIVS");
		return 1;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 1;
}
