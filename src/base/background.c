/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that base keeps for itself: see background.h.
 */
#include "base/background.h"

#include "res_sip/error.h"

#include <signal.h>

int sip_background_start(const char *name, void *(*run)(void *))
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all;
	sigset_t before;
	int failed;

	SIP_ASSERT(pthread_attr_init(&attributes) == 0);
	SIP_ASSERT(
		pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0);
	/* A signal is for a thread that the program knows of. */
	sigfillset(&all);
	SIP_ASSERT(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	failed = pthread_create(&thread, &attributes, run, NULL);
	SIP_ASSERT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	pthread_attr_destroy(&attributes);
	if (failed)
		return SIP_ESYSTEM;
	pthread_setname_np(thread, name);
	return SIP_OK;
}

void sip_background_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attributes;

	SIP_ASSERT(pthread_condattr_init(&attributes) == 0);
	SIP_ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	SIP_ASSERT(pthread_cond_init(cond, &attributes) == 0);
	pthread_condattr_destroy(&attributes);
}

struct timespec sip_background_deadline(unsigned ms)
{
	struct timespec end;

	SIP_ASSERT(clock_gettime(CLOCK_MONOTONIC, &end) == 0);
	end.tv_sec += ms / 1000;
	end.tv_nsec += (long)(ms % 1000) * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_nsec -= 1000000000;
		end.tv_sec++;
	}
	return end;
}
