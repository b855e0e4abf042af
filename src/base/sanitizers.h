/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What the sanitizers have to be told, and whether they are there.
 */
#pragma once

#include "base/compiler.h"

#if defined(__SANITIZE_ADDRESS__)
#define SIP_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIP_HAS_ASAN 1
#endif
#endif
#ifndef SIP_HAS_ASAN
#define SIP_HAS_ASAN 0
#endif

#if defined(__SANITIZE_THREAD__)
#define SIP_HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SIP_HAS_TSAN 1
#endif
#endif
#ifndef SIP_HAS_TSAN
#define SIP_HAS_TSAN 0
#endif

/* Touching poisoned memory is reported. */
#if SIP_HAS_ASAN
#include <sanitizer/asan_interface.h>
#define SIP_POISON(at, len)   __asan_poison_memory_region(at, len)
#define SIP_UNPOISON(at, len) __asan_unpoison_memory_region(at, len)
#else
#define SIP_POISON(at, len)   ((void)(at), (void)(len))
#define SIP_UNPOISON(at, len) ((void)(at), (void)(len))
#endif

/* What happened before a release of `tag` happened before an acquire of it. */
#if SIP_HAS_TSAN
#include <sanitizer/tsan_interface.h>
#define SIP_TSAN_RELEASE(tag) __tsan_release(tag)
#define SIP_TSAN_ACQUIRE(tag) __tsan_acquire(tag)
#else
#define SIP_TSAN_RELEASE(tag) ((void)(tag))
#define SIP_TSAN_ACQUIRE(tag) ((void)(tag))
#endif
