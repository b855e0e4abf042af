/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Load over connections: TCP, TLS, WebSocket on either.
 *
 *     bench_streams --server HOST:PORT --transport tcp|tls|ws|wss --mode MODE
 *             [--connections N] [--in-progress K | --rate R] [--seconds S] [--domain D]
 *             [--password P] [--first-user N] [--resume]
 *
 * MODE is
 *     register   phones on kept connections register anew, challenged: two requests
 *     refresh    they count a nonce up: one request
 *     connect    a connection is opened, has one OPTIONS answered, and is closed; with
 *                --resume the TLS session is resumed
 *     idle       so many connections have had one OPTIONS answered, and stay
 *     half       so many connections have sent the beginning of a TLS handshake, and stay
 *     options    OPTIONS after OPTIONS on kept connections
 *
 * With --rate so many operations begin each second, by whichever connection has none
 * under way; a 503 is no failure then.  The first phone is that of --first-user.
 *
 * It says `ready`, and begins (or, of idle and half, ends) when it reads a line; then
 * `begin`, and after S seconds one line with what came of it.
 */
#include "link.h"

#include "../load/digest.h"
#include "../load/histogram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define EVENTS      256
#define PATIENCE_NS UINT64_C(20000000000)

enum mode { REGISTER, REFRESH, CONNECT, IDLE, HALF, OPTIONS };

struct phone {
	struct link link;
	SSL_SESSION *session; /* to be resumed: each is good for once; NULL: none */
	struct credentials credentials;
	char name[32];
	uint32_t cseq;
	bool busy;
	bool settled; /* idle: it has its answer */
	uint64_t begun_ns;
};

static struct {
	enum mode mode;
	const char *transport; /* as in Via */
	const char *domain;
	const char *password;
	unsigned connections;
	unsigned in_progress;
	unsigned first_user;
	double rate; /* 0: one begins when another has ended */
	double seconds;
	bool resume;
	struct link_config link;
} wanted = { .domain = "bench.example",
	.password = "secret",
	.connections = 100,
	.in_progress = 64,
	.seconds = 3 };

static struct phone *phones;
static int epoll_fd;
static unsigned next_phone;
static uint64_t done;
static uint64_t failed;
static uint64_t refused;
static unsigned busy;
static uint64_t resumed;
static bool measuring;
static struct histogram spent;

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "streams: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* ---- what a phone says ---- */

static void put_head(struct writer *writer, const struct phone *phone, struct span method,
	struct span to)
{
	put(writer, method);
	PUT(writer, " sip:");
	put(writer, (struct span){ wanted.domain, strlen(wanted.domain) });
	PUT(writer, " SIP/2.0\r\nVia: SIP/2.0/");
	put(writer, (struct span){ wanted.transport, strlen(wanted.transport) });
	PUT(writer, " phone.invalid;rport;branch=z9hG4bK");
	put(writer, (struct span){ phone->name, strlen(phone->name) });
	PUT(writer, "x");
	put_number(writer, phone->cseq);
	PUT(writer, "x");
	put_number(writer, (uint64_t)getpid());
	PUT(writer, "\r\nMax-Forwards: 70\r\nFrom: <sip:");
	put(writer, to);
	PUT(writer, "@");
	put(writer, (struct span){ wanted.domain, strlen(wanted.domain) });
	PUT(writer, ">;tag=1\r\nTo: <sip:");
	put(writer, to);
	PUT(writer, "@");
	put(writer, (struct span){ wanted.domain, strlen(wanted.domain) });
	PUT(writer, ">\r\nCall-ID: streams-");
	put(writer, (struct span){ phone->name, strlen(phone->name) });
	PUT(writer, "x");
	put_number(writer, (uint64_t)getpid());
	PUT(writer, "\r\nCSeq: ");
	put_number(writer, phone->cseq);
	PUT(writer, " ");
	put(writer, method);
	PUT(writer, "\r\n");
}

static void say(struct phone *phone, struct writer *writer)
{
	PUT(writer, "Content-Length: 0\r\n\r\n");
	link_send(&phone->link, writer->start, (size_t)(writer->at - writer->start));
}

static void send_options(struct phone *phone)
{
	char text[2048];
	struct writer writer;

	writer_init(&writer, text, sizeof(text));
	phone->cseq++;
	put_head(&writer, phone, SPAN("OPTIONS"), SPAN("caller"));
	say(phone, &writer);
}

static void send_register(struct phone *phone, bool authorized)
{
	struct span name = { phone->name, strlen(phone->name) };
	char uri[128];
	char text[2048];
	struct writer writer;

	snprintf(uri, sizeof(uri), "sip:%s", wanted.domain);
	writer_init(&writer, text, sizeof(text));
	phone->cseq++;
	put_head(&writer, phone, SPAN("REGISTER"), name);
	PUT(&writer, "Contact: <sip:");
	put(&writer, name);
	put(&writer,
		wanted.link.websocket ? SPAN("@phone.invalid;transport=ws")
				      : SPAN("@192.0.2.7:5060;transport=tcp"));
	PUT(&writer, ">\r\nExpires: 3600\r\nUser-Agent: res_sip-load/1\r\n");
	if (authorized)
		digest_put(&writer, &phone->credentials, name, SPAN("REGISTER"),
			(struct span){ uri, strlen(uri) });
	say(phone, &writer);
}

static void set_busy(struct phone *phone, bool is_busy)
{
	busy += (unsigned)is_busy - (unsigned)phone->busy;
	phone->busy = is_busy;
}

static void start(struct phone *phone)
{
	set_busy(phone, true);
	phone->begun_ns = now_ns();
	if (wanted.mode == REGISTER)
		phone->credentials.nonce_len = 0;
	if (wanted.mode == REGISTER || wanted.mode == REFRESH)
		send_register(phone, phone->credentials.nonce_len != 0);
	else
		send_options(phone);
}

/* ---- its connection ---- */

static void dial(struct phone *phone)
{
	struct link_config config = wanted.link;
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
		.data.ptr = phone };

	phone->begun_ns = now_ns();
	config.session = phone->session;
	if (!link_open(&phone->link, &config))
		give_up("a connection");
	if (phone->link.ssl != NULL)
		SSL_set_app_data(phone->link.ssl, phone);
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, phone->link.fd, &event) != 0)
		give_up("epoll");
}

static void finished(struct phone *phone, bool well)
{
	set_busy(phone, false);
	if (!measuring)
		return;
	done += well;
	failed += !well;
	histogram_add(&spent, now_ns() - phone->begun_ns);
}

/* The next whose turn it is begins, so that all have one. */
static void go_on(struct phone *phone)
{
	if (wanted.mode == CONNECT)
		link_close(&phone->link);
	if (wanted.rate > 0)
		return;
	if (wanted.mode == CONNECT) {
		dial(phone);
		return;
	}
	do
		next_phone = (next_phone + 1) % wanted.connections;
	while (phones[next_phone].busy);
	start(&phones[next_phone]);
}

static void answered(struct phone *phone, const char *text, size_t len)
{
	struct message message;
	struct span name = { phone->name, strlen(phone->name) };

	if (!message_read(&message, text, len) || !message.is_response) {
		finished(phone, false);
		return;
	}
	if (message.status < 200)
		return;
	if (message.status == 401 &&
		(wanted.mode == REGISTER || wanted.mode == REFRESH) &&
		digest_challenged(&phone->credentials, message.challenge, name,
			(struct span){ wanted.password, strlen(wanted.password) })) {
		send_register(phone, true);
		return;
	}
	refused += wanted.rate > 0 && message.status == 503;
	finished(phone,
		message.status == 200 || (wanted.rate > 0 && message.status == 503));
	phone->settled = message.status == 200;
	if (measuring)
		go_on(phone);
}

static void count_resumed(const struct phone *phone)
{
	if (measuring && phone->link.ssl != NULL && SSL_session_reused(phone->link.ssl))
		resumed++;
}

static int new_session(SSL *ssl, SSL_SESSION *session)
{
	struct phone *phone = SSL_get_app_data(ssl);

	if (!wanted.resume)
		return 0;
	SSL_SESSION_free(phone->session);
	phone->session = session;
	return 1;
}

static void changed(struct phone *phone)
{
	enum link_state before = phone->link.state;
	const char *text;
	size_t len;

	if (phone->link.fd < 0)
		return;
	link_go_on(&phone->link);
	if (phone->link.state == LINK_FAILED) {
		finished(phone, false);
		if (wanted.mode != CONNECT)
			give_up("a kept connection was lost");
		link_close(&phone->link);
		if (measuring && wanted.rate == 0)
			dial(phone);
		return;
	}
	if (before != LINK_OPEN && phone->link.state == LINK_OPEN) {
		count_resumed(phone);
		if (wanted.mode == CONNECT || wanted.mode == IDLE)
			send_options(phone);
		else
			phone->settled = true;
	}
	while (phone->link.fd >= 0 && link_message(&phone->link, &text, &len)) {
		char copy[INPUT_MAX];

		memcpy(copy, text, len);
		link_taken(&phone->link, text, len);
		answered(phone, copy, len);
	}
}

/* ---- running ---- */

static void turn(int wait_ms)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(epoll_fd, events, EVENTS, wait_ms);

	for (int i = 0; i < count; i++)
		changed(events[i].data.ptr);
}

static void open_half(struct phone *phone)
{
	static const char hello[] = "\x16\x03\x01\x02\x00\x01";
	struct link_config bare = { .server = wanted.link.server };

	if (!link_open(&phone->link, &bare))
		give_up("a connection");
	while (send(phone->link.fd, hello, sizeof(hello) - 1, MSG_NOSIGNAL) < 0) {
		if (errno != EAGAIN && errno != ENOTCONN)
			give_up("a beginning");
		usleep(100);
	}
}

/* A few at a time, so that nobody's backlog is asked for more than it has. */
static void open_all(void)
{
	uint64_t until_ns = now_ns() + PATIENCE_NS * (1 + wanted.connections / 1000);
	unsigned opened = 0;
	unsigned settled = 0;

	while (settled < wanted.connections) {
		while (opened < wanted.connections && opened - settled < 64)
			dial(&phones[opened++]);
		turn(100);
		while (settled < opened && phones[settled].settled)
			settled++;
		if (now_ns() > until_ns) {
			errno = ETIMEDOUT;
			give_up("opening the connections");
		}
	}
}

static void wait_for_line(const char *word)
{
	char line[16];

	puts(word);
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		exit(0);
}

static void begin(struct phone *phone)
{
	if (wanted.mode != CONNECT) {
		start(phone);
		return;
	}
	set_busy(phone, true);
	dial(phone);
}

/* As many as are due; those for which there is no connection come late. */
static void begin_due(uint64_t due)
{
	static uint64_t begun;

	while (begun < due && busy < wanted.connections) {
		do
			next_phone = (next_phone + 1) % wanted.connections;
		while (phones[next_phone].busy);
		begin(&phones[next_phone]);
		begun++;
	}
}

static void run_paced(uint64_t begun_ns, uint64_t until_ns)
{
	uint64_t now;

	while ((now = now_ns()) < until_ns) {
		begin_due((uint64_t)((double)(now - begun_ns) / 1e9 * wanted.rate));
		turn(1);
	}
	while (busy > 0 && now_ns() < until_ns + PATIENCE_NS)
		turn(10);
	failed += busy; /* no answer */
}

static void measure(void)
{
	unsigned count = wanted.in_progress < wanted.connections ? wanted.in_progress
								 : wanted.connections;
	uint64_t until_ns;
	uint64_t begun_ns;

	wait_for_line("ready");
	measuring = true;
	begun_ns = now_ns();
	until_ns = begun_ns + (uint64_t)(wanted.seconds * 1e9);
	if (wanted.rate > 0) {
		run_paced(begun_ns, until_ns);
	} else {
		for (unsigned i = 0; i < count; i++)
			begin(&phones[i]);
		next_phone = count - 1;
		while (now_ns() < until_ns)
			turn(100);
	}
	printf("bench=streams ops=%llu failed=%llu refused=%llu resumed=%llu seconds=%.3f p50_us=%.1f p99_us=%.1f "
	       "max_us=%.1f\n",
		(unsigned long long)done, (unsigned long long)failed,
		(unsigned long long)refused, (unsigned long long)resumed,
		(double)(now_ns() - begun_ns) / 1e9,
		(double)histogram_at(&spent, 500) / 1e3,
		(double)histogram_at(&spent, 990) / 1e3, (double)spent.max_ns / 1e3);
	fflush(stdout);
}

/* ---- options ---- */

static enum mode mode_of(const char *name)
{
	static const char *const names[] = { "register", "refresh", "connect", "idle",
		"half", "options" };

	for (int i = 0; i <= OPTIONS; i++) {
		if (strcmp(name, names[i]) == 0)
			return (enum mode)i;
	}
	fprintf(stderr, "streams: no mode %s\n", name);
	exit(2);
}

static void set_transport(const char *name)
{
	bool secure = strcmp(name, "tls") == 0 || strcmp(name, "wss") == 0;
	static char via[8];

	wanted.link.websocket = name[0] == 'w';
	for (size_t i = 0; name[i] != '\0' && i < sizeof(via) - 1; i++)
		via[i] = (char)(name[i] & ~0x20);
	wanted.transport = via;
	if (!secure)
		return;
	wanted.link.tls = SSL_CTX_new(TLS_client_method());
	if (wanted.link.tls == NULL)
		give_up("TLS");
	SSL_CTX_set_mode(wanted.link.tls,
		SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
			SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(
		wanted.link.tls, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(wanted.link.tls, new_session);
}

static void set_server(char *text)
{
	char *colon = strrchr(text, ':');

	if (colon == NULL) {
		fprintf(stderr, "streams: --server HOST:PORT\n");
		exit(2);
	}
	*colon = '\0';
	wanted.link.server.sin_family = AF_INET;
	wanted.link.server.sin_port = htons((uint16_t)atoi(colon + 1));
	if (inet_pton(AF_INET, text, &wanted.link.server.sin_addr) != 1) {
		fprintf(stderr, "streams: %s is no address\n", text);
		exit(2);
	}
}

static void read_options(int argc, char **argv)
{
	static const struct option options[] = { { "server", 1, NULL, 's' },
		{ "transport", 1, NULL, 't' }, { "mode", 1, NULL, 'm' },
		{ "connections", 1, NULL, 'n' }, { "in-progress", 1, NULL, 'k' },
		{ "seconds", 1, NULL, 'S' }, { "domain", 1, NULL, 'd' },
		{ "password", 1, NULL, 'p' }, { "resume", 0, NULL, 'r' },
		{ "rate", 1, NULL, 'R' }, { "first-user", 1, NULL, 'f' }, { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's': set_server(optarg); break;
		case 't': set_transport(optarg); break;
		case 'm': wanted.mode = mode_of(optarg); break;
		case 'n': wanted.connections = (unsigned)atoi(optarg); break;
		case 'k': wanted.in_progress = (unsigned)atoi(optarg); break;
		case 'S': wanted.seconds = atof(optarg); break;
		case 'd': wanted.domain = optarg; break;
		case 'p': wanted.password = optarg; break;
		case 'r': wanted.resume = true; break;
		case 'R': wanted.rate = atof(optarg); break;
		case 'f': wanted.first_user = (unsigned)atoi(optarg); break;
		default: exit(2);
		}
	}
	if (wanted.transport == NULL || wanted.link.server.sin_port == 0 ||
		wanted.connections == 0 || wanted.in_progress == 0) {
		fprintf(stderr, "streams: --server and --transport have to be said\n");
		exit(2);
	}
}

static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		give_up("the file limit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		give_up("the file limit");
}

int main(int argc, char **argv)
{
	read_options(argc, argv);
	raise_file_limit();
	phones = calloc(wanted.connections, sizeof(*phones));
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (phones == NULL || epoll_fd < 0)
		give_up("the phones");
	for (unsigned i = 0; i < wanted.connections; i++) {
		phones[i].link.fd = -1;
		snprintf(phones[i].name, sizeof(phones[i].name), "user%04u",
			wanted.first_user + i);
	}
	if (wanted.mode == HALF) {
		for (unsigned i = 0; i < wanted.connections; i++)
			open_half(&phones[i]);
		wait_for_line("ready");
		return 0;
	}
	if (wanted.mode == IDLE) {
		open_all();
		wait_for_line("ready");
		return 0;
	}
	if (wanted.mode != CONNECT)
		open_all();
	measure();
	return failed != 0 || done == 0;
}
