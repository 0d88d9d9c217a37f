// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes over a network and back, in large pieces: a guest's system calls are dear.
 *
 * usage: tcp-echo serve ADDRESS PORT		one connection, until it ends
 *        tcp-echo send ADDRESS PORT MIB	sends a pattern, and checks what comes back
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

#define PIECE KIB(64)

static uint8_t piece[PIECE];

static void write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t written = write(fd, p, n);

		if (written < 0)
			die("write: %m");
		p += written;
		n -= (size_t)written;
	}
}

static int connection(bool server, const char *address, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)atoi(port)) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	int peer = fd;

	if (inet_pton(AF_INET, address, &a.sin_addr) != 1)
		die("no address: %s", address);
	if (server) {
		if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
		    bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 1))
			die("listen: %m");
		peer = accept(fd, NULL, NULL);
		close(fd);
	} else if (connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		die("connect: %m");
	}
	if (peer < 0)
		die("accept: %m");
	return peer;
}

static int serve(int fd)
{
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) > 0)
		write_all(fd, piece, (size_t)n);
	if (n < 0)
		die("read: %m");
	return 0;
}

/* The server stops reading when nobody reads what it sends: so another process does. */
static pid_t start_sending(int fd, uint64_t pieces)
{
	const pid_t pid = fork();

	if (pid < 0)
		die("fork: %m");
	if (pid)
		return pid;
	for (uint64_t i = 0; i < pieces; i++) {
		pattern_fill(piece, sizeof(piece), i * PIECE);
		write_all(fd, piece, sizeof(piece));
	}
	if (shutdown(fd, SHUT_WR))
		die("shutdown: %m");
	_exit(0);
}

static int send_and_check(int fd, uint64_t pieces)
{
	const pid_t sender = start_sending(fd, pieces);
	int status;

	for (uint64_t i = 0; i < pieces; i++) {
		const ssize_t n = recv(fd, piece, sizeof(piece), MSG_WAITALL);
		size_t right;

		if (n != (ssize_t)sizeof(piece))
			die("piece %llu of %llu does not come back: %m",
			    (unsigned long long)i, (unsigned long long)pieces);
		right = pattern_check(piece, sizeof(piece), i * PIECE);
		if (right != sizeof(piece))
			die("piece %llu: byte %zu is another",
			    (unsigned long long)i, right);
	}
	if (recv(fd, piece, 1, 0))
		die("more comes back than was sent");
	return waitpid(sender, &status, 0) == sender && !status ? 0 : 1;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 4 && !strcmp(argv[1], "serve"))
		return serve(connection(true, argv[2], argv[3]));
	if (argc == 5 && !strcmp(argv[1], "send"))
		return send_and_check(connection(false, argv[2], argv[3]),
				      MIB(strtoull(argv[4], NULL, 10)) / PIECE);
	die("usage: tcp-echo serve ADDRESS PORT | send ADDRESS PORT MIB");
}
