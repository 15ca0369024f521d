// SPDX-License-Identifier: GPL-2.0-only
/* doctor_machine.c - what a gateway needs of the machine, whichever interface it is at. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "doctor_checks.h"
#include "machine.h"

#define COMM_MAX 16 /* the kernel's TASK_COMM_LEN */

void doctor_kernel(struct doctor *run)
{
	struct machine_lack lack;

	if (machine_lacks_kernel(&lack))
		doctor_found(run, lack.text, lack.remedy);
}

void doctor_capabilities(struct doctor *run)
{
	struct machine_lack lack;

	if (machine_lacks_capabilities(&lack))
		doctor_found(run, lack.text, lack.remedy);
}

/* attach mounts it, so that none is nothing to worry about. */
void doctor_bpffs(struct doctor *run)
{
	char path[PATH_MAX], text[PATH_MAX + DOCTOR_TEXT_MAX], remedy[PATH_MAX + DOCTOR_TEXT_MAX];
	struct statvfs info;
	int err = gateway_bpffs(path, false);

	if (err == -ENOENT) {
		run->finding.severity = DOCTOR_NOTE;
		doctor_found(run, "no bpffs is mounted; attach will mount it",
			     "\"mount -t bpf -o mode=0700 bpf /sys/fs/bpf\"");
	} else if (!err && !statvfs(path, &info) && (info.f_flag & ST_RDONLY)) {
		snprintf(text, sizeof(text), "bpffs at %s is read-only", path);
		snprintf(remedy, sizeof(remedy), "\"mount -o remount,rw %s\"", path);
		doctor_found(run, text, remedy);
	}
}

void doctor_clock(struct doctor *run)
{
	struct timex timex = {};

	if (adjtimex(&timex) >= 0 && (timex.status & STA_UNSYNC))
		doctor_found(run,
			     "nothing keeps the clock right: a log of who had which port is worth "
			     "as much as its time",
			     "\"timedatectl set-ntp true\", or install chrony");
}

/* ---- daemons ------------------------------------------------------------------------------ */

static const struct daemon {
	const char *comm;
	const char *text;
	const char *remedy;
} daemons[] = {
	{ "einat", "it translates, too: at one interface only one of the two can",
	  "\"systemctl stop einat\", or keep them at different interfaces" },
	{ "conntrackd", "it copies netfilter's flows to a standby, which will not have natctl's",
	  "nothing to do if others need it" },
	{ "miniupnpd", "the port forwards that it makes are netfilter's, and lead nowhere here",
	  "\"systemctl stop miniupnpd\", and \"natctl forward add\" for those that are needed" },
};

static bool is_in_this_netns(const char *pid)
{
	char path[64];
	struct stat own, other;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	return !stat("/proc/self/ns/net", &own) && !stat(path, &other) &&
	       own.st_ino == other.st_ino;
}

static bool comm_read(const char *pid, char *comm)
{
	char path[64];
	FILE *file;
	bool done;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "re");
	done = file && fgets(comm, COMM_MAX, file);
	if (file)
		fclose(file);
	comm[done ? strcspn(comm, "\n") : 0] = '\0';
	return done;
}

static void daemon_look(struct doctor *run, const char *pid)
{
	char comm[COMM_MAX], text[DOCTOR_TEXT_MAX];

	if (!comm_read(pid, comm))
		return;
	for (size_t i = 0; i < sizeof(daemons) / sizeof(daemons[0]); i++) {
		if (strcmp(comm, daemons[i].comm) != 0 || !is_in_this_netns(pid))
			continue;
		snprintf(text, sizeof(text), "%s runs here, pid %s: %s", comm, pid,
			 daemons[i].text);
		doctor_found(run, text, daemons[i].remedy);
	}
}

void doctor_daemons(struct doctor *run)
{
	DIR *list = opendir("/proc");
	struct dirent *entry;

	while (list && (entry = readdir(list)))
		if (isdigit((unsigned char)*entry->d_name) && strlen(entry->d_name) < COMM_MAX)
			daemon_look(run, entry->d_name);
	if (list)
		closedir(list);
}
