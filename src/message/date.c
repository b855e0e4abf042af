/* SPDX-License-Identifier: BSD-2-Clause */
/* Date (RFC 3261 section 20.17): `Sat, 13 Nov 2010 23:29:00 GMT`, always that long. */
#include "message/fields.h"

#define DATE_LEN   29
#define SECOND_MAX 59 /* "00:00:00 - 23:59:59": no leap second */

static const char wkdays[7][3] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };
static const char months[12][3] = { "jan", "feb", "mar", "apr", "may", "jun", "jul",
	"aug", "sep", "oct", "nov", "dec" };

/* Digits are compared one by one, any other character of the pattern as it is. */
static bool has_shape(const char *text)
{
	static const char shape[] = "***, 00 *** 0000 00:00:00 GMT";

	for (size_t i = 0; i < DATE_LEN; i++) {
		bool fits = shape[i] == '0'
			? sip_char_is(text[i], SIP_CHAR_DIGIT)
			: sip_char_lower(text[i]) == sip_char_lower(shape[i]);
		if (!fits && shape[i] != '*')
			return false;
	}
	return true;
}

/* Which of them it is, from 0; `count`: none. */
static size_t find_name(const char *text, const char (*names)[3], size_t count)
{
	size_t i = 0;

	while (i < count && !sip_scan_word_is((struct sip_str){ text, 3 }, names[i], 3))
		i++;
	return i;
}

static int64_t digits(const char *text, size_t count)
{
	int64_t value = 0;

	for (size_t i = 0; i < count; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t month_days(int64_t year, size_t month)
{
	static const int8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month] + (month == 1 && is_leap(year) ? 1 : 0);
}

/* Leap days before that year, from the year 0 on, which is one. */
static int64_t leap_days(int64_t year)
{
	int64_t last = year - 1;

	return year == 0 ? 0 : 1 + last / 4 - last / 100 + last / 400;
}

/* From 1970-01-01 to the month's first. */
static int64_t days_before(int64_t year, size_t month)
{
	int64_t count = (year - 1970) * 365 + leap_days(year) - leap_days(1970);

	for (size_t i = 0; i < month; i++)
		count += month_days(year, i);
	return count;
}

int sip_date_parse(struct sip_str text, int64_t *unix_s)
{
	struct sip_str date = sip_str_trim(text);
	size_t month;
	int64_t day;
	int64_t hour;
	int64_t minute;
	int64_t second;

	if (date.len != DATE_LEN || !has_shape(date.ptr))
		return SIP_ESYNTAX;
	month = find_name(date.ptr + 8, months, 12);
	if (find_name(date.ptr, wkdays, 7) == 7 || month == 12)
		return SIP_ESYNTAX;
	day = digits(date.ptr + 5, 2);
	hour = digits(date.ptr + 17, 2);
	minute = digits(date.ptr + 20, 2);
	second = digits(date.ptr + 23, 2);
	if (day < 1 || day > month_days(digits(date.ptr + 12, 4), month) || hour > 23 ||
		minute > 59 || second > SECOND_MAX)
		return SIP_ESYNTAX;
	*unix_s = (days_before(digits(date.ptr + 12, 4), month) + day - 1) * 86400 +
		hour * 3600 + minute * 60 + second;
	return 0;
}
