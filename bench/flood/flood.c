/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Somebody who means harm: datagrams at a fixed rate from one source address, whatever
 * becomes of them.  One thread, batches, no state.
 *
 *     bench_flood --kind password|garbage|stranger --server 127.0.0.1:5060
 *             --bind 127.0.0.9 --rate 50000 --seconds 3 [--pid PID]
 *
 * password: REGISTERs with a wrong password and a nonce that the server gave; a new one
 * is taken from each challenge that comes garbage:  requests with a broken field, which
 * have to be answered 400 stranger: REGISTERs of users that do not exist, without a
 * password
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH     64
#define TEXT_MAX  1024
#define SECOND_NS UINT64_C(1000000000)

struct flood {
	const char *kind;
	const char *domain;
	struct sockaddr_in server;
	struct sockaddr_in local;
	double rate; /* 0: as fast as it goes */
	double seconds;
	int pid;
	int fd;
	char host[32];
	char nonce[160]; /* empty: none yet */
	uint64_t number;
	uint64_t sent;
	uint64_t answers[7]; /* by the first digit of the status */
	uint64_t refused;    /* 503 */
};

static const struct option long_options[] = {
	{ "kind", required_argument, NULL, 'k' },
	{ "server", required_argument, NULL, 's' },
	{ "bind", required_argument, NULL, 'B' },
	{ "domain", required_argument, NULL, 'd' },
	{ "rate", required_argument, NULL, 'r' },
	{ "seconds", required_argument, NULL, 't' },
	{ "pid", required_argument, NULL, 'P' },
	{ NULL, 0, NULL, 0 },
};

static bool read_address(char *text, struct sockaddr_in *address)
{
	char *colon = strrchr(text, ':');

	*address = (struct sockaddr_in){ .sin_family = AF_INET };
	if (colon != NULL) {
		*colon = '\0';
		address->sin_port = htons((uint16_t)atoi(colon + 1));
	}
	return inet_pton(AF_INET, text, &address->sin_addr) == 1;
}

static bool read_options(struct flood *flood, int argc, char **argv)
{
	bool good = true;
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (option) {
		case 'k': flood->kind = optarg; break;
		case 's': good &= read_address(optarg, &flood->server); break;
		case 'B': good &= read_address(optarg, &flood->local); break;
		case 'd': flood->domain = optarg; break;
		case 'r': flood->rate = atof(optarg); break;
		case 't': flood->seconds = atof(optarg); break;
		case 'P': flood->pid = atoi(optarg); break;
		default: good = false;
		}
	}
	return good && flood->kind != NULL && flood->server.sin_port != 0;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) != 0)
		return 0;
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static uint64_t server_cpu_ns(const struct flood *flood)
{
	clockid_t clock;

	if (flood->pid == 0 || clock_getcpuclockid(flood->pid, &clock) != 0)
		return 0;
	return clock_ns(clock);
}

static bool open_socket(struct flood *flood)
{
	socklen_t len = sizeof(flood->local);
	int bytes = 8 << 20;

	flood->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (flood->fd < 0 ||
		bind(flood->fd, (struct sockaddr *)&flood->local, len) != 0 ||
		getsockname(flood->fd, (struct sockaddr *)&flood->local, &len) != 0)
		return false;
	setsockopt(flood->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	snprintf(flood->host, sizeof(flood->host), "%s:%u",
		inet_ntoa(flood->local.sin_addr), ntohs(flood->local.sin_port));
	return true;
}

static size_t write_request(struct flood *flood, char *text)
{
	bool garbage = strcmp(flood->kind, "garbage") == 0;
	bool stranger = strcmp(flood->kind, "stranger") == 0;
	unsigned long long number = flood->number++;
	int len = snprintf(text, TEXT_MAX,
		"REGISTER sip:%s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s;rport;branch=z9hG4bKf%llu\r\n"
		"Max-Forwards: %s\r\n"
		"From: <sip:%s%04llu@%s>;tag=f\r\nTo: <sip:%s%04llu@%s>\r\n"
		"Call-ID: flood-%llu-%u\r\nCSeq: 1 REGISTER\r\n"
		"Contact: <sip:f@%s>\r\n",
		flood->domain, flood->host, number, garbage ? "many" : "70",
		stranger ? "nobody" : "user", number % 1000, flood->domain,
		stranger ? "nobody" : "user", number % 1000, flood->domain, number,
		(unsigned)ntohs(flood->local.sin_port), flood->host);

	if (flood->nonce[0] != '\0')
		len += snprintf(text + len, TEXT_MAX - (size_t)len,
			"Authorization: Digest username=\"user%04llu\", realm=\"%s\", "
			"nonce=\"%s\", uri=\"sip:%s\", algorithm=MD5, qop=auth, nc=00000001, "
			"cnonce=\"c\", response=\"00112233445566778899aabbccddeeff\"\r\n",
			number % 1000, flood->domain, flood->nonce, flood->domain);
	len += snprintf(text + len, TEXT_MAX - (size_t)len, "Content-Length: 0\r\n\r\n");
	return (size_t)len;
}

static void send_some(struct flood *flood, unsigned count)
{
	static char text[BATCH][TEXT_MAX];
	struct mmsghdr header[BATCH];
	struct iovec vector[BATCH];

	for (unsigned i = 0; i < count; i++) {
		vector[i] = (struct iovec){ text[i], write_request(flood, text[i]) };
		header[i].msg_hdr = (struct msghdr){
			.msg_name = &flood->server,
			.msg_namelen = sizeof(flood->server),
			.msg_iov = &vector[i],
			.msg_iovlen = 1,
		};
	}
	int sent = sendmmsg(flood->fd, header, count, 0);
	if (sent > 0)
		flood->sent += (unsigned)sent;
}

/* The nonce of a challenge serves the requests from now on. */
static void take_nonce(struct flood *flood, const char *answer)
{
	const char *at = strstr(answer, "nonce=\"");

	if (at == NULL || strcmp(flood->kind, "password") != 0)
		return;
	size_t len = strcspn(at + 7, "\"");
	if (len < sizeof(flood->nonce)) {
		memcpy(flood->nonce, at + 7, len);
		flood->nonce[len] = '\0';
	}
}

static void receive_some(struct flood *flood)
{
	char text[4096];
	ssize_t len;

	for (unsigned i = 0; i < BATCH; i++) {
		len = recv(flood->fd, text, sizeof(text) - 1, 0);
		if (len < 12)
			return;
		text[len] = '\0';
		if (text[8] > '0' && text[8] < '7')
			flood->answers[text[8] - '0']++;
		flood->refused += strncmp(text + 8, "503", 3) == 0;
		if (flood->answers[4] % 64 == 1)
			take_nonce(flood, text);
	}
}

static void run(struct flood *flood)
{
	uint64_t begin_ns = clock_ns(CLOCK_MONOTONIC);
	uint64_t end_ns = begin_ns + (uint64_t)(flood->seconds * 1e9);
	uint64_t now_ns;

	while ((now_ns = clock_ns(CLOCK_MONOTONIC)) < end_ns) {
		uint64_t due = BATCH;

		if (flood->rate > 0) {
			due = (uint64_t)(flood->rate * (double)(now_ns - begin_ns) / 1e9);
			due = due > flood->sent ? due - flood->sent : 0;
		}
		if (due >= 16)
			send_some(flood, due < BATCH ? (unsigned)due : BATCH);
		receive_some(flood);
		if (due < 16) {
			struct timespec pause = { 0, 100000 };
			nanosleep(&pause, NULL);
		}
	}
}

int main(int argc, char **argv)
{
	struct flood flood = { .domain = "bench.example", .seconds = 3 };

	if (!read_options(&flood, argc, argv)) {
		fputs("usage: bench_flood --kind password|garbage|stranger --server HOST:PORT "
		      "[--bind HOST] [--domain NAME] [--rate N] [--seconds S] [--pid PID]\n",
			stderr);
		return 2;
	}
	if (!open_socket(&flood)) {
		perror("socket");
		return 1;
	}
	uint64_t begin_ns = clock_ns(CLOCK_MONOTONIC);
	uint64_t server_ns = server_cpu_ns(&flood);
	run(&flood);
	double seconds = (double)(clock_ns(CLOCK_MONOTONIC) - begin_ns) / 1e9;
	double own = (double)clock_ns(CLOCK_PROCESS_CPUTIME_ID) / 1e9;
	server_ns = server_cpu_ns(&flood) - server_ns;
	printf("bench=flood kind=%s rate=%.0f seconds=%.3f sent=%llu sent_per_s=%.0f "
	       "answers_2xx=%llu answers_4xx=%llu answers_503=%llu own_cpu=%.3f "
	       "server_cpu=%.3f\n",
		flood.kind, flood.rate, seconds, (unsigned long long)flood.sent,
		(double)flood.sent / seconds, (unsigned long long)flood.answers[2],
		(unsigned long long)flood.answers[4], (unsigned long long)flood.refused,
		own / seconds, (double)server_ns / 1e9 / seconds);
	close(flood.fd);
	return 0;
}
