// SPDX-License-Identifier: GPL-2.0
/*
 * dm-request SOCKET REQUEST: send a line to vfio-xen-dm, print the reply; the
 * status is 0 if it says ok.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char reply[8192];
	FILE *file;

	if (argc != 3 || strlen(argv[1]) >= sizeof(address.sun_path))
		return 2;
	strcpy(address.sun_path, argv[1]);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror(argv[1]);
		return 2;
	}
	file = fdopen(fd, "r+");
	if (!file)
		return 2;
	fprintf(file, "%s\n", argv[2]);
	fflush(file);
	if (!fgets(reply, sizeof(reply), file)) {
		fprintf(stderr, "dm-request: no reply\n");
		return 2;
	}
	fputs(reply, stdout);
	return strstr(reply, "\"ok\":true") ? 0 : 1;
}
