// SPDX-License-Identifier: GPL-2.0-only
/* config.c - configuration files: what their lines read as, and how each mistake is told. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "cmd.h"
#include "value.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define FILE_NAME "eth1.conf"

static struct options options;
static char *said;
static FILE *real_stderr;

/* What is written to stderr from here on can be read in @said after heard(); no check between. */
static void hear(void)
{
	static size_t len;

	free(said);
	said = NULL;
	real_stderr = stderr;
	stderr = open_memstream(&said, &len);
}

static void heard(void)
{
	fclose(stderr);
	stderr = real_stderr;
	if (*said)
		said[strlen(said) - 1] = '\0';
}

static void begin(void)
{
	options_init(&options);
	options.ifname = "eth1";
}

static int parse_octets(const char *text, size_t len)
{
	int code;

	begin();
	hear();
	code = config_parse(&options, FILE_NAME, text, len);
	heard();
	return code;
}

static int parse(const char *text)
{
	return parse_octets(text, strlen(text));
}

/* ---- what is understood -------------------------------------------------------------------- */

TEST(a_file_of_everything)
{
	CHECK_EQ(parse("# the office\r\n"
		       "\n"
		       "  ports\t40000-49999   # as agreed\r\n"
		       "ingress tc\n"
		       "lan br0\n"
		       "lan br1 #br2\n"
		       "address 203.0.113.7\n"
		       "address 203.0.113.9-203.0.113.10\n"
		       "internal 192.168.0.0/16\n"
		       "exclude 10.0.0.0/8\n"
		       "filtering tcp=address-port\n"
		       "timeout udp=300,icmp=60\n"
		       "timeout tcp-opening=20\n"
		       "set host-rate=1000,parity=off\n"
		       "forward tcp 8080 192.168.99.1:80 # the shop\n"
		       "forward tcp,udp 10000-10099 192.168.99.7 from 198.51.100.0/24 address "
		       "203.0.113.9 force\n"
		       "no-sysctl"),
		 EXIT_DONE);
	CHECK_STR(said, "");
	CHECK_EQ(options.forwards.count, 2);
	CHECK_EQ(options.forwards.rule[0].first, 8080);
	CHECK_EQ(options.forwards.rule[0].to, 80);
	CHECK_EQ(options.forwards.rule[1].to, 10000);
	CHECK_EQ(options.forwards.rule[1].from.len, 24);
	CHECK(options.forwards.rule[1].external && options.forwards.rule[1].force);
	CHECK_EQ(options.value[NAT_SETTING_PORT_FIRST], 40000);
	CHECK_EQ(options.value[NAT_SETTING_PORT_LAST], 49999);
	CHECK_EQ(options.line[NAT_SETTING_PORT_LAST], 3);
	CHECK_EQ(options.ingress, OPTIONS_INGRESS_TC);
	CHECK_EQ(options.line[OPTIONS_ONCE_INGRESS], 4);
	CHECK_EQ(options.lan.count, 2);
	CHECK_STR(options.lan.names[1], "br1");
	CHECK_EQ(options.lan.line[1], 6);
	CHECK_EQ(options.pool.count, 3);
	CHECK_EQ(options.internal.count, 1);
	CHECK_EQ(options.excluded.count, 1);
	CHECK(!options.given[NAT_SETTING_FILTERING_UDP]);
	CHECK_EQ(options.value[NAT_SETTING_FILTERING_TCP], NAT_FILTERING_ADDRESS_PORT);
	CHECK_EQ(options.value[NAT_SETTING_UDP], 300);
	CHECK_EQ(options.value[NAT_SETTING_TCP_OPENING], 20);
	CHECK_EQ(options.value[NAT_SETTING_HOST_RATE], 1000);
	CHECK_EQ(options.value[NAT_SETTING_PARITY], 0);
	CHECK(options.no_sysctl);
}

TEST(what_is_empty_says_nothing)
{
	static const char *const texts[] = {
		"",
		"\n",
		"\n\n\n",
		"#",
		"# ports 1-2\n",
		" \t ",
		"\r\n\r\n",
		"\t# a\n  # b\n",
		"\xef\xbb\xbf",
	};

	for (size_t i = 0; i < ROWS(texts); i++) {
		check_note("text %zu", i);
		CHECK_EQ(parse(texts[i]), EXIT_DONE);
		CHECK_STR(said, "");
		CHECK(!options.given[NAT_SETTING_PORT_FIRST]);
		CHECK(options.address_auto && !options.address_given);
	}
}

TEST(every_live_setting_can_be_set)
{
	for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++) {
		const struct value_setting_info *info = &value_settings[i];
		char line[128], text[64];

		value_setting_text(i, info->dflt ? info->dflt : info->max, text);
		snprintf(line, sizeof(line), "set %s=%s\n", info->name, text);
		check_note("%s", line);
		CHECK_EQ(parse(line), info->live ? EXIT_DONE : EXIT_MISUSED);
		CHECK_EQ(options.given[i], info->live);
	}
}

/* ---- what is refused ----------------------------------------------------------------------- */

#define WORDS                                                                                      \
	"ingress, lan, address, ports, internal, exclude, mapping, filtering, max-sessions, "      \
	"per-host, clamp-mss, timeout, set, fast, no-fast, no-sysctl, forward"

TEST(mistakes_name_file_and_line)
{
	static const struct {
		const char *text;
		const char *message; /* behind "natctl: eth1.conf:" */
	} rows[] = {
		{ "\n#\n\n \n\r\n\nports 99999-2\n",
		  "7: ports cannot be \"99999-2\" (valid: LO-HI within 1024-65535)" },
		{ "prots 1-2", "1: no such word: \"prots\" (one of " WORDS ")" },
		{ "--ports 1-2", "1: no such word: \"--ports\" (one of " WORDS ")" },
		{ "ports=2000-3000", "1: no such word: \"ports=2000-3000\" (one of " WORDS ")" },
		{ "ports", "1: ports needs a value (LO-HI within 1024-65535)" },
		{ "ports # 1024-65535", "1: ports needs a value (LO-HI within 1024-65535)" },
		{ "no-sysctl yes", "1: no-sysctl takes no value: \"yes\"" },
		{ "lan br0 br1", "1: lan takes one value: \"br1\" is too much (a comment begins "
				 "with \"#\")" },
		{ "force", "1: force has its place on the command line only (--force)" },
		{ "dry-run", "1: dry-run has its place on the command line only (--dry-run)" },
		{ "config x", "1: config has its place on the command line only (--config)" },
		{ "foreground", "1: foreground has its place on the command line only "
				"(--foreground)" },
		{ "set udp=x", "1: set cannot be \"udp=x\" (valid: udp=1 to 604800 seconds)" },
		{ "set udp", "1: set cannot be \"udp\" (valid: NAME=VALUE,... with names from "
			     "max-sessions per-host per-binding host-rate refuse-with error-rate "
			     "filtering-udp filtering-tcp parity inbound-refresh quote-check "
			     "unsolicited-syn udp udp-dns icmp tcp-opening tcp-established "
			     "tcp-closing tcp-reset other syn-hold fragment-early fragment rest "
			     "clamp-mss)" },
		{ "timeout udp=300\nset udp=200", "2: udp has been said on line 1 (leave out one "
						  "of them)" },
		{ "ports 2000-3000\n\nports 2000-3000",
		  "3: port-first has been said on line 1 (leave out one of them)" },
		{ "ingress tc\ningress tc", "2: ingress has been said on line 1 (leave out one of "
					    "them)" },
		{ "timeout udp=300\ntimeout icmp=5",
		  "2: icmp is 5, below the floor of 60: RFC 5508 REQ-2 (--force on the command "
		  "line accepts it)" },
		{ "address auto\naddress 10.0.0.1",
		  "2: address cannot be both \"auto\" and addresses (choose one)" },
		{ "\nlan eth1", "2: lan \"eth1\" is the interface to attach to itself (name "
				"another)" },
		{ "lan br0\nlan none", "2: lan cannot be \"none\" (valid: auto or none alone, or "
				       "up to 32 interfaces)" },
		{ "forward", "1: forward: which port? (tcp|udp|tcp,udp PORT[-PORT] "
			     "ADDR[:PORT[-PORT]])" },
		{ "forward tcp 80", "1: forward: to which internal host? (ADDR[:PORT[-PORT]])" },
		{ "forward tcp 80 10.0.0.1 to", "1: forward: no such word: \"to\" (one of from, "
						"address, force)" },
		{ "forward tcp 80 10.0.0.1 from", "1: forward: from: not valid: \"\" (ADDR/LEN "
						  "without host bits)" },
		{ "lan br0\rlan br1", "1: octet 8 is a control character: 0x0d (remove it)" },
		{ "lan \033[2J", "1: octet 5 is a control character: 0x1b (remove it)" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		char message[1024];

		check_note("%s", rows[i].text);
		CHECK_EQ(parse(rows[i].text), EXIT_MISUSED);
		snprintf(message, sizeof(message), "natctl: " FILE_NAME ":%s", rows[i].message);
		CHECK_STR(said, message);
	}
}

TEST(an_octet_of_zero_is_refused)
{
	static const char text[] = "lan br0\nlan br1\0\nlan br2\n";

	CHECK_EQ(parse_octets(text, sizeof(text) - 1), EXIT_MISUSED);
	CHECK_STR(said, "natctl: eth1.conf:2: octet 8 is a control character: 0x00 (remove it)");
}

TEST(a_line_is_as_long_as_it_may_be_and_no_longer)
{
	char text[1100] = "\n";

	memset(text + 1, '#', 1000);
	CHECK_EQ(parse(text), EXIT_DONE);
	text[1001] = '#';
	CHECK_EQ(parse(text), EXIT_MISUSED);
	CHECK_STR(said, "natctl: eth1.conf:2: the line is too long: 1001 octets (1000 at most)");
}

TEST(more_words_than_any_line_has)
{
	CHECK_EQ(parse("lan a b c d e f g h i j k l m n o p"), EXIT_MISUSED);
	CHECK_EQ(parse("lan a # b c d e f g h i j k l m n o p"), EXIT_DONE);
}

TEST(force_accepts_values_below_the_floor)
{
	begin();
	options.force = true;
	CHECK_EQ(config_parse(&options, FILE_NAME, "timeout udp=5", 13), EXIT_DONE);
	CHECK_EQ(options.value[NAT_SETTING_UDP], 5);
}

/* ---- the file ------------------------------------------------------------------------------ */

static char path[] = "/tmp/natctl-config-XXXXXX";

static void remove_file(void *data)
{
	(void)data;
	unlink(path);
	rmdir(path);
}

/* A file with @text; to be read at @path. */
static void make_file(const char *text, mode_t mode)
{
	int fd;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	CHECK(fd >= 0);
	check_defer(remove_file, NULL);
	CHECK_EQ(write(fd, text, strlen(text)), (long long)strlen(text));
	CHECK_EQ(fchmod(fd, mode), 0);
	close(fd);
}

static int read_file(const char *name)
{
	int code;

	begin();
	hear();
	code = config_read(&options, name, true);
	heard();
	return code;
}

TEST(a_file_is_read)
{
	make_file("timeout udp=200\n", 0600);
	CHECK_EQ(read_file(path), EXIT_DONE);
	CHECK_STR(said, "");
	CHECK_EQ(options.value[NAT_SETTING_UDP], 200);
}

TEST(a_mistake_in_a_file_is_misuse)
{
	make_file("timeout udp=x\n", 0644);
	CHECK_EQ(read_file(path), EXIT_MISUSED);
	CHECK(strstr(said, path) && strstr(said, ":1: timeout cannot be \"udp=x\""));
}

TEST(none_is_no_file)
{
	CHECK_EQ(read_file("none"), EXIT_DONE);
	CHECK(!options.file);
}

TEST(files_that_others_can_write_to_are_refused)
{
	make_file("timeout udp=200\n", 0646);
	CHECK_EQ(read_file(path), EXIT_FAILED);
	CHECK(strstr(said, "cannot be used: others can write to it"));
}

TEST(what_is_no_file_is_refused)
{
	CHECK_EQ(read_file("/tmp"), EXIT_FAILED);
	CHECK_STR(said, "natctl: /tmp: cannot be used: it is a directory");
	CHECK_EQ(read_file("/dev/null"), EXIT_FAILED);
	CHECK(strstr(said, "not a regular file"));
	CHECK_EQ(read_file("/nosuch/file"), EXIT_FAILED);
	CHECK_STR(said, "natctl: /nosuch/file: cannot be read: No such file or directory");
}

TEST(a_pipe_does_not_make_it_wait)
{
	make_file("", 0600);
	unlink(path);
	CHECK_EQ(mkfifo(path, 0600), 0);
	CHECK_EQ(read_file(path), EXIT_FAILED);
	CHECK(strstr(said, "not a regular file"));
}

/* ---- both ---------------------------------------------------------------------------------- */

static int attach_words(char **words)
{
	int code;

	hear();
	code = options_parse(&options, words);
	heard();
	return code;
}

TEST(the_command_line_wins)
{
	char *words[] = { "attach", "eth1", "--config",	  path,		"--timeout",	  "udp=200",
			  "--lan",  "br9",  "--internal", "10.0.0.0/8", "--set=rest=130", NULL };

	make_file("lan br0\nlan br1\ninternal 192.168.0.0/16\nexclude 192.0.2.0/24\n"
		  "timeout udp=300,icmp=70\naddress 203.0.113.7\n",
		  0600);
	CHECK_EQ(attach_words(words), EXIT_DONE);
	CHECK_STR(said, "");
	CHECK_EQ(options.value[NAT_SETTING_UDP], 200);
	CHECK_EQ(options.line[NAT_SETTING_UDP], 0);
	CHECK_EQ(options.value[NAT_SETTING_ICMP], 70);
	CHECK_EQ(options.line[NAT_SETTING_ICMP], 5);
	CHECK_EQ(options.value[NAT_SETTING_REST], 130);
	CHECK_EQ(options.lan.count, 1);
	CHECK_STR(options.lan.names[0], "br9");
	CHECK_EQ(options.internal.count, 1);
	CHECK_EQ(options.internal.prefix[0].len, 8);
	CHECK_EQ(options.excluded.count, 1);
	CHECK(options.excluded.given && options.address_given && !options.address_auto);
	CHECK_EQ(options.pool.count, 1);
}

TEST(command_lines_are_refused_with_dashes)
{
	static const struct {
		char *words[5];
		const char *message; /* how it begins, behind "natctl: attach: " */
	} rows[] = {
		{ { "attach", "eth1", "--prots", "1" }, "no such option: \"--prots\" (one of --" },
		{ { "attach", "eth1", "-p=1" }, "no such option: \"-p=1\" (one of --ingress, --" },
		{ { "attach", "eth1", "--ports" }, "--ports needs a value (LO" },
		{ { "attach", "eth1", "--ports=" }, "--ports cannot be \"\" (valid: LO" },
		{ { "attach", "eth1", "--force=1" }, "--force takes no value: \"1\"" },
		{ { "attach", "--force", "eth1", "eth2" },
		  "one interface at a time: \"eth1\" and" },
		{ { "attach", "eth1", "--timeout=udp=5" },
		  "udp is 5, below the floor of 120: RFC "
		  "4787 REQ-5, REQ-6 (--force accepts" },
		{ { "attach" }, "which interface?" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		char message[256];

		CHECK_EQ(attach_words((char **)rows[i].words), EXIT_MISUSED);
		snprintf(message, sizeof(message), "natctl: attach: %s", rows[i].message);
		check_note("\"%s\" in \"%s\"", message, said);
		CHECK(!strncmp(said, message, strlen(message)));
	}
}
