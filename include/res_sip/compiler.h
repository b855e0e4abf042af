/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The few words this project adds to C.
 */
#pragma once

/* The headers can be included from C++. */
#if defined(__cplusplus)
#define SIP_EXTERN_C_BEGIN extern "C" {
#define SIP_EXTERN_C_END   }
#else
#define SIP_EXTERN_C_BEGIN /**< `extern "C" {` for C++ */
#define SIP_EXTERN_C_END   /**< and its end */
#endif

/** What stands between these two is exported by libres_sip. */
#define SIP_API_BEGIN SIP_EXTERN_C_BEGIN _Pragma("GCC visibility push(default)")
/** The end of what SIP_API_BEGIN began. */
#define SIP_API_END _Pragma("GCC visibility pop") SIP_EXTERN_C_END

/** The result says whether it worked: a caller that drops it does not compile. */
#define SIP_MUST_USE __attribute__((warn_unused_result))

/** Drop a result on purpose; the reason stands beside it in a comment. */
#define SIP_IGNORE(call)                                                                 \
	do {                                                                             \
		if (call) {                                                              \
		}                                                                        \
	} while (0)

/** Check the arguments of a function that takes a printf format. */
#define SIP_PRINTF(at, first) __attribute__((format(printf, at, first)))
