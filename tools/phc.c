// SPDX-License-Identifier: GPL-2.0
/* The PTP hardware clock that the user means. */
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "phc.h"

#define PATH_SIZE	32

/*
 * The number of the clock that stamps a device's packets. The kernel asks the device
 * below for VLANs, bonds and the like.
 */
static int clock_of(const struct lh_ctx *ctx, const char *dev, int *index)
{
	struct ethtool_ts_info info = { .cmd = ETHTOOL_GET_TS_INFO };
	struct ifreq request = { .ifr_data = (void *)&info };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err;

	if (sock < 0)
		return lh_refused(ctx, "no socket: %s", strerror(errno));
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", dev);
	err = ioctl(sock, SIOCETHTOOL, &request) ? errno : 0;
	close(sock);
	if (err == ENODEV)
		return lh_refused(ctx, "there is no device %s", LH_QUOTE(dev));
	if (err && err != EOPNOTSUPP)
		return lh_refused(ctx, "%s: the kernel does not tell its PTP hardware clock: %s",
				  LH_QUOTE(dev), strerror(err));
	if (err || info.phc_index < 0)
		return lh_refused(ctx, "%s has no PTP hardware clock",
				  LH_QUOTE(dev));
	*index = info.phc_index;
	return 0;
}

/**
 * lh_phc_open - open a PTP hardware clock
 * @ctx: the command's context
 * @file: its file
 * @fd: receives the open file, for close()
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_phc_open(const struct lh_ctx *ctx, const char *file, int *fd)
{
	*fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0)
		return lh_fail(ctx,
			       "FILE: %s can't be opened: %s; a PTP hardware clock such as /dev/ptp0 is allowed",
			       LH_QUOTE(file), strerror(errno));
	return 0;
}

/**
 * lh_phc_open_of - open the PTP hardware clock of a network device
 * @ctx: the command's context
 * @dev: the device
 * @fd: receives the open file, for close()
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_phc_open_of(const struct lh_ctx *ctx, const char *dev, int *fd)
{
	char path[PATH_SIZE];
	int index = -1, err = clock_of(ctx, dev, &index);

	if (err)
		return err;
	snprintf(path, sizeof(path), "/dev/ptp%d", index);
	return lh_phc_open(ctx, path, fd);
}
