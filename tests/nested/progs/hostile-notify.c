// SPDX-License-Identifier: GPL-2.0
/*
 * hostile-notify PORT SECONDS: runs in a guest. Tells the other end of an event
 * channel, again and again, that there is something to do.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/types.h>
#include <xen/event_channel.h>
#include <xen/sys/privcmd.h>

int main(int argc, char **argv)
{
	static struct evtchn_send send;
	privcmd_hypercall_t call = {
		.op = __HYPERVISOR_event_channel_op,
		.arg = { EVTCHNOP_send, (uintptr_t)&send },
	};
	unsigned long sent = 0;
	time_t end;
	int fd;

	if (argc != 3)
		return 2;
	send.port = (evtchn_port_t)strtoul(argv[1], NULL, 0);
	fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (fd < 0 || mlock(&send, sizeof(send))) {
		perror("/dev/xen/privcmd");
		return 1;
	}
	for (end = time(NULL) + atoi(argv[2]); time(NULL) < end; sent++) {
		if (ioctl(fd, IOCTL_PRIVCMD_HYPERCALL, &call)) {
			perror("EVTCHNOP_send");
			return 1;
		}
		usleep(100);
	}
	printf("sent=%lu\n", sent);
	return 0;
}
