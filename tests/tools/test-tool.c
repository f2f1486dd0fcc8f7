/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the command line reads and shows values, errors, faults and bytes of a proxy. */

#include "config.h"

#include <locale.h>
#include <string.h>

#include "fault-action.h"
#include "fault-frames.h"
#include "tool-compare.h"
#include "tool-failure.h"
#include "tool-json-layout.h"
#include "tool-terminal.h"
#include "tool-value.h"

/* ---- values */

static void
test_parse (void)
{
  const struct {
    const char *text, *type, *value; /* NULL: it is refused */
  } rows[] = {
    { "true", "b", "true" }, { "Yes", "b", "true" }, { "ON", "b", "true" }, { "1", "b", "true" },
    { "false", "b", "false" }, { "no", "b", "false" }, { "off", "b", "false" },
    { "0", "b", "false" },
    { "", "b", NULL }, { "2", "b", NULL }, { "tru", "b", NULL },
    { "-9223372036854775808", "x", "int64 -9223372036854775808" },
    { "9223372036854775807", "i", "int64 9223372036854775807" },
    { "9223372036854775808", "t", "uint64 9223372036854775808" },
    { "18446744073709551615", "d", "uint64 18446744073709551615" },
    { "18446744073709551616", "t", NULL }, { "1.0", "i", NULL }, { "", "i", NULL },
    { "5x", "u", NULL }, { "0x10", "y", NULL },
    { "2", "d", "int64 2" }, { "2.5", "d", "2.5" }, { "-1e3", "d", "-1000.0" },
    { "18446744073709551616", "d", "1.8446744073709552e+19" },
    { "2,5", "d", NULL }, { "", "d", NULL }, { "2.5 ", "d", NULL }, { "0x10", "d", NULL },
    { "1e400", "d", NULL }, { "-1e400", "v", NULL }, { "inf", "d", "inf" }, { "NaN", "d", "nan" },
    { "a b", "s", "'a b'" }, { "5", "s", "'5'" }, { "\"5\\n\"", "s", "'5\\n'" },
    { "\"5", "s", "'\"5'" }, { "\"5\" 6", "s", "'\"5\" 6'" }, { "/a", "o", "'/a'" },
    { "a,b c,", "as", "['a', 'b c', '']" }, { "a", "as", "['a']" }, { "", "as", "@as []" },
    { "[\"a,b\"]", "as", "[<'a,b'>]" }, { "[", "as", NULL },
    { "[1, 2]", "(ii)", "[<int64 1>, <int64 2>]" }, { "1, 2", "(ii)", NULL },
    { "{\"a\": 1}", "a{sv}", "{'a': <int64 1>}" },
    { "5", "v", "int64 5" }, { "5", "", "int64 5" }, { "5", NULL, "int64 5" },
    { "plain text", "v", "'plain text'" }, { "\"x\"", NULL, "'x'" }, { "null", "", "@mv nothing" },
    { "[1", NULL, NULL }, { " {", "v", NULL }, { "\"x", "", NULL }, { "5]", "v", "'5]'" },
    { "NaN", "v", "nan" }, { "-Infinity", NULL, "-inf" }, { "nan", "v", "'nan'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) value = tool_value_parse (rows[i].text, rows[i].type, &error);
      g_autofree char *shown = value != NULL ? g_variant_print (value, TRUE) : NULL;

      g_assert_cmpstr (shown, ==, rows[i].value);
      g_assert_true ((error == NULL) == (value != NULL));
      if (error != NULL && rows[i].type != NULL && strchr ("av", *rows[i].type) == NULL)
        g_assert_true (g_str_has_prefix (error->message, "expected "));
    }
}

static void
test_print (void)
{
  const struct {
    const char *value, *text;
  } rows[] = {
    { "'a \"b\"'", "a \"b\"" }, { "<<'a'>>", "a" }, { "5.0", "5" }, { "0.1", "0.1" },
    { "1e300", "1e+300" }, { "0.30000000000000004", "0.30000000000000004" }, { "int64 -7", "-7" },
    { "uint64 18446744073709551615", "18446744073709551615" }, { "true", "true" },
    { "nan", "NaN" }, { "-inf", "-Infinity" }, { "5e-300", "5e-300" },
    { "['a', 'b']", "[\"a\",\"b\"]" }, { "{'a': <[<1>, <2.0>]>}", "{\"a\":[1,2.0]}" },
  };
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new_parsed ("[<'a b'>, <5>, <[1]>]"));
  g_autofree char *shown = tool_value_print_args (args);

  g_assert_cmpstr (shown, ==, "\"a b\" 5 [1]");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (rows[i].value));
      g_autofree char *text = tool_value_print (value);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
test_compare (void)
{
  const struct {
    const char *a, *b;
    int         order;
    gboolean    comparable;
  } rows[] = {
    { "5", "uint64 6", -1, TRUE }, { "6.5", "6", 1, TRUE }, { "<5>", "5.0", 0, TRUE },
    { "byte 5", "int16 5", 0, TRUE }, { "10", "9", 1, TRUE }, { "'10'", "'9'", -1, TRUE },
    { "'a'", "'a'", 0, TRUE }, { "'5'", "5", 1, FALSE }, { "true", "true", 0, FALSE },
    { "true", "false", 1, FALSE }, { "[1, 2]", "[<1>, <2>]", 0, FALSE },
    { "'a'", "['a']", 1, FALSE },
    { "int64 9007199254740993", "int64 9007199254740992", 1, TRUE }, { "nan", "nan", 0, FALSE },
    { "nan", "5.0", 1, FALSE }, { "@ms nothing", "@mv nothing", 0, FALSE },
    { "{'a': 1, 'b': 2}", "{'b': <2.0>, 'a': <1>}", 0, FALSE }, { "[1]", "[1, 2]", 1, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GVariant) a = g_variant_ref_sink (g_variant_new_parsed (rows[i].a));
      g_autoptr (GVariant) b = g_variant_ref_sink (g_variant_new_parsed (rows[i].b));
      gboolean comparable, backwards;
      int order = tool_compare_values (a, b, &comparable);

      g_assert_cmpint (CLAMP (order, -1, 1), ==, rows[i].order);
      g_assert_true (comparable == rows[i].comparable);
      order = tool_compare_values (b, a, &backwards);
      g_assert_cmpint (CLAMP (order, -1, 1), ==, comparable ? -rows[i].order : rows[i].order);
      g_assert_true (backwards == comparable);
    }
}

static void
test_types (void)
{
  const char *const names[][2] = {
    { "b", "boolean" }, { "y", "uint8" }, { "n", "int16" }, { "q", "uint16" }, { "i", "int32" },
    { "u", "uint32" }, { "x", "int64" }, { "t", "uint64" }, { "d", "double" }, { "s", "string" },
    { "as", "strings" }, { "v", "any" }, { "", "any" }, { "(ii)", "(ii)" }, { "ai", "ai" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = tool_value_name_type (names[i][0]);

      g_assert_cmpstr (name, ==, names[i][1]);
    }
}

/* ---- errors */

static void
test_statuses (void)
{
  const struct {
    PlantRpcError code;
    ToolExit      status;
  } rows[] = {
    { PLANT_RPC_ERROR_NOT_SENT, TOOL_EXIT_UNREACHABLE },
    { PLANT_RPC_ERROR_CLOSED, TOOL_EXIT_UNREACHABLE },
    { PLANT_RPC_ERROR_OUTCOME_UNKNOWN, TOOL_EXIT_UNKNOWN },
    { PLANT_RPC_ERROR_UNKNOWN_METHOD, TOOL_EXIT_NOT_FOUND },
    { PLANT_RPC_ERROR_UNKNOWN_PROPERTY, TOOL_EXIT_NOT_FOUND },
    { PLANT_RPC_ERROR_REMOTE, TOOL_EXIT_REFUSED },
    { PLANT_RPC_ERROR_NOT_WRITABLE, TOOL_EXIT_REFUSED },
    { PLANT_RPC_ERROR_INVALID_VALUE, TOOL_EXIT_REFUSED },
    { PLANT_RPC_ERROR_INVALID_ARGUMENTS, TOOL_EXIT_REFUSED },
    { PLANT_RPC_ERROR_NO_REPLY, TOOL_EXIT_REFUSED },
    { PLANT_RPC_ERROR_REFUSED, TOOL_EXIT_REFUSED },
    { PLANT_RPC_ERROR_PROTOCOL, TOOL_EXIT_FAILED },
    { PLANT_RPC_ERROR_LIMIT, TOOL_EXIT_FAILED },
    { PLANT_RPC_ERROR_INVALID_URL, TOOL_EXIT_FAILED },
    { PLANT_RPC_ERROR_INVALID_INTERFACE, TOOL_EXIT_FAILED },
    { PLANT_RPC_ERROR_MISMATCH, TOOL_EXIT_FAILED },
  };
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  g_autoptr (GError) late = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "");
  g_autoptr (GError) other = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "");

  g_assert_cmpint (tool_exit_for (cancelled), ==, TOOL_EXIT_INTERRUPTED);
  g_assert_cmpint (tool_exit_for (late), ==, TOOL_EXIT_UNKNOWN);
  g_assert_cmpint (tool_exit_for (other), ==, TOOL_EXIT_FAILED);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (PLANT_RPC_ERROR, (int) rows[i].code, "");

      g_assert_cmpint (tool_exit_for (error), ==, rows[i].status);
    }
}

/* What is told of a failure: with a person's remedy in the last line, if there is one. */
static void
test_remedies (void)
{
  const struct {
    GQuark      domain;
    int         code;
    ToolExit    status;
    ToolStage   stage;
    const char *text;
  } rows[] = {
    { PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL, TOOL_EXIT_USAGE, TOOL_STAGE_CONNECTING,
      "plantrpc: cam (tcp://a:1): mode\n  while connecting: oh\n  A device is a URL *" },
    { G_IO_ERROR, G_IO_ERROR_NOT_FOUND, TOOL_EXIT_UNREACHABLE, TOOL_STAGE_RESOLVING,
      "*\n  while resolving the name: oh\n  Check the name of the host, *" },
    { G_IO_ERROR, G_IO_ERROR_TIMED_OUT, TOOL_EXIT_UNREACHABLE, TOOL_STAGE_CONNECTING,
      "*\n  while connecting: oh\n  Check that it is switched on, *“plantrpc wait cam” *" },
    { G_IO_ERROR, G_IO_ERROR_TIMED_OUT, TOOL_EXIT_UNREACHABLE, TOOL_STAGE_HANDSHAKE,
      "*\n  during the handshake: oh\n  It may be busy, or hang: *" },
    { G_IO_ERROR, G_IO_ERROR_CLOSED, TOOL_EXIT_UNREACHABLE, TOOL_STAGE_HANDSHAKE,
      "*\n  during the handshake: oh\n  Check that a device, *" },
    { PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_WRITABLE, TOOL_EXIT_REFUSED, TOOL_STAGE_WRITING,
      "*\n  while writing: oh\n  “plantrpc info cam” shows what can be written.\n" },
    { PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS, TOOL_EXIT_REFUSED, TOOL_STAGE_CALLING,
      "*\n  while calling: oh\n  “plantrpc info cam” shows what there is.\n" },
    { PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_METHOD, TOOL_EXIT_NOT_FOUND, TOOL_STAGE_CALLING,
      "*\n  oh\n  “plantrpc info cam” shows what there is.\n" },
    { G_IO_ERROR, G_IO_ERROR_TIMED_OUT, TOOL_EXIT_UNKNOWN, TOOL_STAGE_CALLING,
      "*\n  while calling: oh\n  It may have run, *" },
    { PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT, TOOL_EXIT_UNREACHABLE, TOOL_STAGE_READING,
      "*\n  while reading: oh\n  It may be busy, *" },
    { PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE, TOOL_EXIT_REFUSED, TOOL_STAGE_CALLING,
      "*\n  while calling: oh\n" },
    { PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE, TOOL_EXIT_USAGE, TOOL_STAGE_NONE,
      "plantrpc: cam (tcp://a:1): mode\n  oh\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (g_test_subprocess ())
        {
          g_autoptr (GError) error = g_error_new_literal (rows[i].domain, rows[i].code, "oh");
          g_autoptr (GCancellable) cancellable = g_cancellable_new ();
          const ToolFailure failure = { .status = rows[i].status, .stage = rows[i].stage,
                                        .device = "cam", .url = "tcp://a:1", .member = "mode",
                                        .error = error };
          Tool tool = { .cancellable = cancellable };
          g_autofree char *number = g_strdup_printf ("%u", i);

          if (g_strcmp0 (g_getenv ("TEST_TOOL_ROW"), number) != 0)
            continue;
          g_assert_cmpint (tool_fail (&tool, &failure), ==, rows[i].status);
          return;
        }
      {
        g_autofree char *number = g_strdup_printf ("%u", i);

        g_setenv ("TEST_TOOL_ROW", number, TRUE);
        g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
        g_test_trap_assert_passed ();
        g_test_trap_assert_stderr (rows[i].text);
      }
    }
}

/* ---- what is shown */

static void
test_clean (void)
{
  const char *const rows[][3] = {
    /* as it came, on a terminal, within JSON */
    { "plain größe 植物", "plain größe 植物", "plain größe 植物" },
    { "a\nb\tc", "a\\nb\\tc", "a\nb\\tc" },
    { "\033[31m\x7f", "\\u001b[31m\\u007f", "\\u001b[31m\\u007f" },
    { "\xc2\x9b", "\\u009b", "\\u009b" },
    { "\u202e\u2028\u2029\ufeff", "\\u202e\\u2028\\u2029\\ufeff", "\\u202e\\u2028\\u2029\\ufeff" },
    { "\u200d\u200c\u200b", "\u200d\u200c\\u200b", "\u200d\u200c\\u200b" },
    { "\U000e0041", "\\udb40\\udc41", "\\udb40\\udc41" },
  };
  g_autofree char *valid = plant_rpc_text_escape ("a\xff");

  g_assert_cmpstr (valid, ==, "a\ufffd");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *clean = plant_rpc_text_escape (rows[i][0]);
      g_autofree char *json = tool_json_escape (rows[i][0]);

      g_assert_cmpstr (clean, ==, rows[i][1]);
      g_assert_cmpstr (json, ==, rows[i][2]);
    }
}

static void
test_fit (void)
{
  const struct {
    const char *text;
    guint       width, measured;
    const char *fitted;
  } rows[] = {
    { "abc", 3, 3, "abc" }, { "abcd", 3, 4, "ab…" }, { "abcd", 1, 4, "…" }, { "", 0, 0, "" },
    { "植物", 4, 4, "植物" }, { "植物", 3, 4, "植…" }, { "植物x", 4, 5, "植…" },
    { "e\u0301x", 2, 2, "e\u0301x" }, { "e\u0301xy", 2, 3, "e\u0301…" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *fitted = tool_terminal_fit (rows[i].text, rows[i].width);

      g_assert_cmpuint (tool_terminal_measure (rows[i].text), ==, rows[i].measured);
      g_assert_cmpstr (fitted, ==, rows[i].fitted);
    }
}

/* ---- frames */

static gboolean
move (char     **host,
      guint16   *port,
      gpointer   user_data)
{
  *port = (guint16) (*port + GPOINTER_TO_UINT (user_data));
  if (*host != NULL)
    {
      g_free (*host);
      *host = g_strdup ("127.0.0.9");
    }
  return TRUE;
}

static void
append_frame (GByteArray *bytes,
              guint8      flags,
              const char *body)
{
  gsize size = strlen (body);
  guint8 header[9] = { flags, (guint8) size };

  if ((flags & 2) != 0)
    for (guint i = 0; i < 8; i++)
      header[1 + i] = (guint8) ((guint64) size >> (8 * (7 - i)));
  g_byte_array_append (bytes, header, (flags & 2) != 0 ? 9 : 2);
  g_byte_array_append (bytes, (const guint8 *) body, (guint) size);
}

/* A frame as it comes, and what is in it when it is passed on: the same where that is NULL. */
typedef struct {
  guint8      flags;
  const char *body;
  const char *moved[3]; /* parts, in any order */
} Frame;

static const Frame frames_in[] = {
  { 4, "{\"success\":true,\"port\":5}", { NULL } },
  { 1, "", { NULL } },
  { 0, "{\"success\":true,\"port\":5}", { "\"port\":1005", "\"success\":true" } },
  { 1, "{\"success\":true,\"signal_port\":6}", { "\"signal_port\":1006", "\"success\":true" } },
  { 0, "{\"event\":\"INIT_SIGNALS_HANDLING\",\"address\":\"a\",\"port\":7}",
    { "\"address\":\"127.0.0.9\"", "\"event\":\"INIT_SIGNALS_HANDLING\"", "\"port\":1007" } },
  { 0, "{\"success\":false,\"port\":5}", { NULL } },
  { 0, "not JSON", { NULL } },
  { 0, "{not JSON", { NULL } },
  { 2, "{\"success\":true,\"port\":5}", { NULL } },
  { 0, "{\"success\":true,\"port\":65535}", { "\"port\":999", "\"success\":true" } },
  { 0, "x", { NULL } },
};

/* Where the next frame begins. */
static const guint8 *
assert_frame (const Frame  *frame,
              const guint8 *at)
{
  gsize size = at[1];
  g_autofree char *body = NULL;

  g_assert_cmpuint (at[0], ==, frame->flags & ~2);
  body = g_strndup ((const char *) at + 2, size);
  g_assert_cmpuint (strlen (body), ==, size);
  if (frame->moved[0] == NULL)
    g_assert_cmpstr (body, ==, frame->body);
  for (guint i = 0; i < G_N_ELEMENTS (frame->moved) && frame->moved[i] != NULL; i++)
    g_assert_nonnull (strstr (body, frame->moved[i]));
  return at + 2 + size;
}

static void
test_frames (void)
{
  const guint8 greeting[64] = { 0xff };
  g_autoptr (GByteArray) in = g_byte_array_new ();

  g_byte_array_append (in, greeting, sizeof greeting);
  for (guint i = 0; i < G_N_ELEMENTS (frames_in); i++)
    append_frame (in, frames_in[i].flags, frames_in[i].body);
  for (guint step = 1; step <= in->len; step += step < 70 ? 1 : 97)
    {
      g_autoptr (FaultFrames) frames = fault_frames_new (move, GUINT_TO_POINTER (1000));
      g_autoptr (GByteArray) out = g_byte_array_new ();
      const guint8 *at;

      for (guint done = 0; done < in->len; done += step)
        fault_frames_push (frames, in->data + done, MIN (step, in->len - done), out);
      g_assert_cmpmem (out->data, sizeof greeting, greeting, sizeof greeting);
      at = out->data + sizeof greeting;
      for (guint i = 0; i < G_N_ELEMENTS (frames_in); i++)
        at = assert_frame (&frames_in[i], at);
      g_assert_true (at == out->data + out->len);
    }
}

/* Long frames are left alone, and one that becomes long is sent as such. */
static void
test_long_frames (void)
{
  const guint8 greeting[64] = { 0xff };
  g_autofree char *filler = g_strnfill (260, 'x');

  for (guint size = 250; size <= 260; size++)
    {
      g_autofree char *body =
          g_strdup_printf ("{\"success\":true,\"port\":5,\"a\":\"%s\"}", filler + 260 - size + 32);
      g_autoptr (FaultFrames) frames = fault_frames_new (move, GUINT_TO_POINTER (1000));
      g_autoptr (GByteArray) in = g_byte_array_new ();
      g_autoptr (GByteArray) out = g_byte_array_new ();
      gboolean is_long = size > 255, moved = !is_long;
      gsize expected = size + (moved ? 3 : 0);

      g_assert_cmpuint (strlen (body), ==, size);
      g_byte_array_append (in, greeting, sizeof greeting);
      append_frame (in, is_long ? 2 : 0, body);
      fault_frames_push (frames, in->data, in->len, out);
      g_assert_cmpuint (out->data[64], ==, expected > 255 ? 2 : 0);
      g_assert_cmpuint (out->len, ==, 64 + (expected > 255 ? 9 : 2) + expected);
      g_assert_cmpuint (out->data[expected > 255 ? 72 : 65], ==, expected & 0xff);
      if (expected > 255)
        g_assert_cmpuint (out->data[71], ==, 1);
    }
}

/* What is no ZeroMQ passes at once, whatever it says. */
static void
test_foreign_bytes (void)
{
  const char *text = "GET / HTTP/1.0\r\n\r\n{\"success\":true,\"port\":5}";
  g_autoptr (FaultFrames) frames = fault_frames_new (move, GUINT_TO_POINTER (1000));
  g_autoptr (GByteArray) out = g_byte_array_new ();

  fault_frames_push (frames, (const guint8 *) text, 3, out);
  g_assert_cmpuint (out->len, ==, 3);
  fault_frames_push (frames, (const guint8 *) text + 3, strlen (text) - 3, out);
  g_assert_cmpmem (out->data, out->len, text, strlen (text));
}

/* ---- faults */

static void
test_seconds_and_rates (void)
{
  const struct {
    const char *text;
    double      seconds, rate; /* less than 0: it is refused */
  } rows[] = {
    { "0", 0, 0 }, { "2.5", 2.5, 2.5 }, { "1e6", 1e6, 1e6 }, { "1000001", -1, 1000001 },
    { "64K", -1, 65536 }, { "1.5M", -1, 1572864 }, { "1e12", -1, 1e12 }, { "1.1e12", -1, -1 },
    { "1000000M", -1, -1 }, { "-1", -1, -1 }, { "", -1, -1 }, { "K", -1, -1 }, { "1KM", -1, -1 },
    { "1 ", -1, -1 }, { "nan", -1, -1 }, { "1k", -1, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) no_seconds = NULL;
      g_autoptr (GError) no_rate = NULL;
      double number;

      g_assert_true (fault_seconds_parse (rows[i].text, &number, &no_seconds) ==
                     (rows[i].seconds >= 0));
      if (rows[i].seconds >= 0)
        g_assert_cmpfloat (number, ==, rows[i].seconds);
      g_assert_true (fault_rate_parse (rows[i].text, &number, &no_rate) == (rows[i].rate >= 0));
      if (rows[i].rate >= 0)
        g_assert_cmpfloat (number, ==, rows[i].rate);
      g_assert_true ((no_seconds != NULL) == (rows[i].seconds < 0));
      g_assert_true ((no_rate != NULL) == (rows[i].rate < 0));
    }
}

static void
test_faults_as_written (void)
{
  const struct {
    const char *line;
    FaultKind   kind;
    FaultWay    way;
    double      number; /* less than 0: it is refused */
    FaultKind   end;
  } rows[] = {
    { "delay 0.5", FAULT_DELAY, 0, 0.5, FAULT_DELAY },
    { "rate 1K", FAULT_RATE, 0, 1024, FAULT_RATE },
    { "freeze", FAULT_FREEZE, FAULT_WAY_BOTH, 0, FAULT_THAW },
    { "freeze up 2", FAULT_FREEZE, FAULT_WAY_UP, 2, FAULT_THAW },
    { "freeze 2", FAULT_FREEZE, FAULT_WAY_BOTH, 2, FAULT_THAW },
    { "thaw down", FAULT_THAW, FAULT_WAY_DOWN, 0, FAULT_THAW },
    { "reset", FAULT_RESET, 0, 0, FAULT_RESET },
    { "drop", FAULT_DROP, 0, 0, FAULT_DROP },
    { "half-close", FAULT_HALF_CLOSE, FAULT_WAY_DOWN, 0, FAULT_HALF_CLOSE },
    { "half-close up", FAULT_HALF_CLOSE, FAULT_WAY_UP, 0, FAULT_HALF_CLOSE },
    { "forget up 1", FAULT_FORGET, FAULT_WAY_UP, 1, FAULT_RESET },
    { "kill 1", FAULT_KILL, 0, 1, FAULT_ACCEPT },
    { "refuse", FAULT_REFUSE, 0, 0, FAULT_ACCEPT },
    { "accept", FAULT_ACCEPT, 0, 0, FAULT_ACCEPT },
    { "delay", FAULT_DELAY, 0, -1, FAULT_DELAY },
    { "delay 1K", FAULT_DELAY, 0, -1, FAULT_DELAY },
    { "thaw 1", FAULT_THAW, 0, -1, FAULT_THAW },
    { "kill up", FAULT_KILL, 0, -1, FAULT_ACCEPT },
    { "freeze up down", FAULT_FREEZE, 0, -1, FAULT_THAW },
    { "freeze 1 up", FAULT_FREEZE, 0, -1, FAULT_THAW },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (GStrv) words = g_strsplit (rows[i].line, " ", -1);
      g_autoptr (GError) error = NULL;
      FaultAction action;

      g_assert_true (fault_action_parse (&action, words, &error) == (rows[i].number >= 0));
      g_assert_true ((error != NULL) == (rows[i].number < 0));
      g_assert_cmpint (action.kind, ==, rows[i].kind);
      g_assert_cmpint (fault_kind_get_end (action.kind), ==, rows[i].end);
      g_assert_cmpstr (fault_kind_get_name (action.kind), ==, words[0]);
      if (rows[i].number < 0)
        continue;
      g_assert_cmpint (action.way, ==, rows[i].way);
      g_assert_cmpfloat (action.number, ==, rows[i].number);
      g_assert_true (fault_kind_has_way (action.kind) == (rows[i].way != 0));
    }
}

/* All of them end by themselves, or are harmless. */
static void
test_faults_by_chance (void)
{
  GRand *chance = g_rand_new_with_seed (7);
  guint counts[FAULT_N_KINDS] = { 0 }, ways[4] = { 0 };
  guint n_clear = 0;

  for (guint i = 0; i < 4000; i++)
    {
      FaultAction action;

      fault_action_choose (&action, chance);
      counts[action.kind]++;
      g_assert_cmpint (action.way, >=, FAULT_WAY_UP);
      g_assert_cmpint (action.way, <=, FAULT_WAY_BOTH);
      ways[action.way]++;
      g_assert_cmpfloat (action.number, >=, 0);
      if (action.kind == FAULT_DELAY)
        g_assert_cmpfloat (action.number, <, 0.2);
      else if (action.kind == FAULT_RATE)
        g_assert_true (action.number <= 0 || action.number >= 16384);
      else
        g_assert_true (action.number >= 0.1 && action.number < 2);
      if (action.kind == FAULT_DELAY || action.kind == FAULT_RATE)
        n_clear += action.number <= 0;
    }
  g_rand_free (chance);
  g_assert_cmpuint (counts[FAULT_THAW] + counts[FAULT_ACCEPT], ==, 0);
  for (guint kind = 0; kind < FAULT_N_KINDS; kind++)
    g_assert_true (kind == FAULT_THAW || kind == FAULT_ACCEPT ||
                   (counts[kind] > 300 && counts[kind] < (kind == FAULT_FREEZE ? 900 : 500)));
  g_assert_cmpuint (counts[FAULT_FREEZE], >, 700);
  for (guint way = 1; way < G_N_ELEMENTS (ways); way++)
    g_assert_cmpuint (ways[way], >, 1200);
  g_assert_cmpuint (n_clear, >, 300);
  g_assert_cmpuint (n_clear, <, 500);
}

int
main (int    argc,
      char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tool/parse", test_parse);
  g_test_add_func ("/tool/print", test_print);
  g_test_add_func ("/tool/compare", test_compare);
  g_test_add_func ("/tool/types", test_types);
  g_test_add_func ("/tool/statuses", test_statuses);
  g_test_add_func ("/tool/remedies", test_remedies);
  g_test_add_func ("/tool/clean", test_clean);
  g_test_add_func ("/tool/fit", test_fit);
  g_test_add_func ("/tool/frames", test_frames);
  g_test_add_func ("/tool/long-frames", test_long_frames);
  g_test_add_func ("/tool/foreign-bytes", test_foreign_bytes);
  g_test_add_func ("/tool/seconds-and-rates", test_seconds_and_rates);
  g_test_add_func ("/tool/faults-as-written", test_faults_as_written);
  g_test_add_func ("/tool/faults-by-chance", test_faults_by_chance);
  return g_test_run ();
}
