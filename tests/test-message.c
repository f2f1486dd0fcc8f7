/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-test-locale.h"
#include "plant-rpc-test-message.h"

typedef void (*CaseFunc) (const char *path,
                          const char *name,
                          GBytes     *payload);

static char *
load_text (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* Without the nul behind it, so that memory checkers see who reads there. */
static GBytes *
load_payload (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize size;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new (data, size);
}

static void
for_each_case (const char *folder,
               guint       n_least,
               CaseFunc    func)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "messages", folder, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  const char *name;
  guint n = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_autoptr (GBytes) payload = NULL;

      if (g_str_has_suffix (name, ".expected"))
        continue;
      g_test_message ("%s", name);
      payload = load_payload (file);
      func (file, name, payload);
      n++;
    }
  g_assert_cmpuint (n, >=, n_least);
}

static gboolean
is_native (const char *name)
{
  return g_str_has_suffix (name, ".native");
}

/* ---- one case a file */

static void
check_valid (const char *path,
             const char *name,
             GBytes     *payload)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expected_path = g_strconcat (path, ".expected", NULL);
  g_autofree char *expected = NULL;
  g_autofree char *text = test_message_read (name, payload, &error);

  g_assert_no_error (error);
  g_assert_cmpint (plant_rpc_message_get_format (payload), ==,
                   is_native (name) ? PLANT_RPC_FORMAT_NATIVE : PLANT_RPC_FORMAT_JSON);
  expected = load_text (expected_path);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_valid (void)
{
  for_each_case ("valid", 150, check_valid);
}

static void
check_invalid (const char *path,
               const char *name,
               GBytes     *payload)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = test_message_read (name, payload, &error);
  int code = strstr (name, "-limit-") != NULL ? PLANT_RPC_ERROR_LIMIT : PLANT_RPC_ERROR_PROTOCOL;

  g_assert_null (text);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_error (error, PLANT_RPC_ERROR, code);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <, 300);
}

static void
test_invalid (void)
{
  for_each_case ("invalid", 190, check_invalid);
}

/* ---- valid cases, damaged */

static void
read_damaged (const char *name,
              GBytes     *payload)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = test_message_read (name, payload, &error);

  g_assert_true ((text == NULL) == (error != NULL));
  if (text == NULL)
    g_assert_cmpuint (error->domain, ==, PLANT_RPC_ERROR);
}

/* Some beginnings of a typed payload are whole messages themselves; of a JSON object none is that
 * lacks more than white space. */
static void
check_beginnings (const char *path,
                  const char *name,
                  GBytes     *payload)
{
  gsize size = g_bytes_get_size (payload);
  gsize step = 1 + size / 512;

  for (gsize length = 0; length < size; length += step)
    {
      g_autofree char *data = g_memdup2 (g_bytes_get_data (payload, NULL), length);
      g_autoptr (GBytes) beginning = g_bytes_new_static (data, length);
      g_autofree char *text = NULL;

      read_damaged (name, beginning);
      if (is_native (name))
        continue;
      text = test_message_read (name, beginning, NULL);
      g_assert_true (text == NULL || data[length - 1] == '}');
    }
}

static void
test_truncated (void)
{
  for_each_case ("valid", 150, check_beginnings);
}

static void
check_flipped (const char *path,
               const char *name,
               GBytes     *payload)
{
  static const guint8 flips[] = { 0x01, 0x02, 0x04, 0x10, 0x80, 0xff };
  gsize size = g_bytes_get_size (payload);

  for (gsize i = 0; i < MIN (size, 256) * G_N_ELEMENTS (flips); i++)
    {
      gsize at = i / G_N_ELEMENTS (flips);
      g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (payload, NULL), size);
      g_autoptr (GBytes) damaged = g_bytes_new_static (data, size);

      data[size > 256 && at >= 128 ? size - 256 + at : at] ^= flips[i % G_N_ELEMENTS (flips)];
      read_damaged (name, damaged);
    }
}

static void
test_flipped (void)
{
  for_each_case ("valid", 150, check_flipped);
}

/* Whatever the kind, and whatever was asked for. */
static void
check_crosswise (const char *path,
                 const char *name,
                 GBytes     *payload)
{
  static const char *const readers[] = {
    "request-",    "inventory-",    "emission-",
    "reply-call-", "reply-buffer-", "reply-bufferless-",
    "reply-get-", "reply-set-", "reply-subscribe-", "reply-all-",  "reply-init-",   "reply-stop-",
  };

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    read_damaged (readers[i], payload);
}

static void
test_crosswise (void)
{
  for_each_case ("valid", 150, check_crosswise);
  for_each_case ("invalid", 190, check_crosswise);
}

/* ---- limits */

static GBytes *
make_padded (gsize size)
{
  static const char request[] = "{\"event\": \"GET_INVENTORY\"}";
  char *data = g_malloc (size);

  memset (data, ' ', size);
  memcpy (data, request, strlen (request));
  return g_bytes_new_take (data, size);
}

static void
assert_limit (const char *what,
              gsize       limit,
              gsize       promised)
{
  if (limit >= promised)
    return;
  g_error ("%s is %" G_GSIZE_FORMAT ", but peers are promised %" G_GSIZE_FORMAT
           ": what they send today would be refused", what, limit, promised);
}

static void
test_promises (void)
{
  assert_limit ("PLANT_RPC_MAX_JSON_SIZE", PLANT_RPC_MAX_JSON_SIZE, 8 * 1024 * 1024);
  assert_limit ("PLANT_RPC_MAX_REQUEST_SIZE", PLANT_RPC_MAX_REQUEST_SIZE, 64 * 1024 * 1024);
  assert_limit ("PLANT_RPC_MAX_REPLY_SIZE", PLANT_RPC_MAX_REPLY_SIZE, 2047U * 1024 * 1024);
  assert_limit ("PLANT_RPC_MAX_DEPTH", PLANT_RPC_MAX_DEPTH, 96);
  assert_limit ("PLANT_RPC_MAX_TYPE_LENGTH", PLANT_RPC_MAX_TYPE_LENGTH, 1024);
  /* A pushed value must never be what GVariant itself no longer reads. */
  g_assert_cmpuint (PLANT_RPC_MAX_DEPTH, <, 128);
}

static void
test_json_size (void)
{
  g_autoptr (GBytes) largest = make_padded (PLANT_RPC_MAX_JSON_SIZE);
  g_autoptr (GBytes) larger = make_padded (PLANT_RPC_MAX_JSON_SIZE + 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = test_message_read ("request-", largest, &error);
  g_autofree char *none = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "GET_INVENTORY, JSON\n");
  none = test_message_read ("request-", larger, &error);
  g_assert_null (none);
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, "8388609"));
}

/* Of a write of so many bytes, beside those of the message around them. */
static GBytes *
pack_write (gsize    size,
            GError **error)
{
  g_autofree guint8 *data = g_malloc0 (size);
  g_autoptr (GVariant) value =
    g_variant_ref_sink (g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, size, 1));
  const PlantRpcRequest request = {
    .format = PLANT_RPC_FORMAT_NATIVE,
    .event = PLANT_RPC_EVENT_PROPERTY_SET,
    .name = (char *) "data",
    .value = value,
  };

  return plant_rpc_request_pack (&request, error);
}

static void
test_request_size (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) small = pack_write (1000, &error);
  gsize around = g_bytes_get_size (small) - 1000 + 2; /* offsets have four bytes instead of two */
  g_autoptr (GBytes) largest = pack_write (PLANT_RPC_MAX_REQUEST_SIZE - around, &error);
  g_autoptr (GBytes) larger = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (largest), ==, PLANT_RPC_MAX_REQUEST_SIZE);
  larger = pack_write (PLANT_RPC_MAX_REQUEST_SIZE - around + 1, &error);
  g_assert_null (larger);
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
}

/* ---- nesting */

static GBytes *
make_nested_json (gsize depth)
{
  GString *text = g_string_new ("{\"event\":\"PROPERTY_SET\",\"property\":\"a\",\"value\":");

  for (gsize i = 0; i < depth; i++)
    g_string_append_c (text, '[');
  for (gsize i = 0; i < depth; i++)
    g_string_append_c (text, ']');
  return g_string_free_to_bytes (g_string_append_c (text, '}'));
}

static void
test_deep_json (void)
{
  static const gsize depths[] = { 40, 200, 1000, 100000, 4000000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) deepest = make_nested_json (39);
  g_autofree char *text = test_message_read ("request-", deepest, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      g_autoptr (GBytes) payload = make_nested_json (depths[i]);

      g_assert_null (test_message_read ("request-", payload, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
      g_clear_error (&error);
    }
}

/* (ysv) with a variant in a variant, so many times. */
static GBytes *
make_nested_native (gsize depth)
{
  GByteArray *data = g_byte_array_new ();
  guint8 start[] = { PLANT_RPC_KIND_PROPERTY_SET, 'a', 0, 0, 0, 0, 0, 0, 1, 0, 'b' };
  const guint8 offset[] = { 3, 0, 0, 0 };
  gsize size;

  g_byte_array_append (data, start, sizeof start);
  for (gsize i = 0; i < depth; i++)
    g_byte_array_append (data, (const guint8 *) "\0v", 2);
  size = data->len + 1 <= 0xff ? 1 : data->len + 2 <= 0xffff ? 2 : 4;
  g_byte_array_append (data, offset, size);
  return g_byte_array_free_to_bytes (data);
}

static void
test_deep_native (void)
{
  static const gsize depths[] = { 128, 200, 1000, 100000, 10000000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) deep = make_nested_native (90);
  g_autofree char *text = test_message_read ("request-", deep, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      g_autoptr (GBytes) payload = make_nested_native (depths[i]);

      g_assert_null (test_message_read ("request-", payload, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
      g_clear_error (&error);
    }
}

/* ---- what is true in Python */

static void
test_truth (void)
{
  static const struct {
    const char *value;
    gboolean is_true;
  } cases[] = {
    { "true", TRUE },        { "false", FALSE },      { "int64 0", FALSE },   { "int64 -1", TRUE },
    { "0.0", FALSE },        { "-0.0", FALSE },       { "0.1", TRUE },        { "''", FALSE },
    { "-0.1", TRUE },        { "int64 1", TRUE },     { "byte 0x00", TRUE },  { "(1,)", TRUE },
    { "'0'", TRUE },         { "@av []", FALSE },     { "[<0>]", TRUE },
    { "@a{sv} {}", FALSE },
    { "{'a': <0>}", TRUE },  { "@mv nothing", FALSE }, { "uint64 18446744073709551615", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) value = g_variant_parse (NULL, cases[i].value, NULL, NULL, NULL);

      g_test_message ("%s", cases[i].value);
      g_assert_nonnull (value);
      g_assert_cmpint (plant_rpc_message_is_true (value), ==, cases[i].is_true);
    }
}

/* The error quotes the event of an invalid emission, cut at each byte of a character. */
static void
test_long_event (void)
{
  for (gsize length = PLANT_RPC_MAX_SHOWN_TEXT - 8; length <= PLANT_RPC_MAX_SHOWN_TEXT; length++)
    {
      g_autofree char *fill = g_strnfill (length, 'x');
      g_autofree char *json = g_strdup_printf ("{\"event\": \"%s🌱植ä🌱植ä\"}", fill);
      g_autoptr (GBytes) payload = g_bytes_new (json, strlen (json));
      g_auto (PlantRpcEmission) emission = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (plant_rpc_emission_unpack (&emission, payload, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_nonnull (strstr (error->message, "…” is not an emission"));
    }
}

/* GVariant reads one byte behind some payloads. A small one that ends in a NUL, within padding, is
 * copied so that the byte exists. A large one that is in order is not copied. */
static void
test_readable (void)
{
  static const struct {
    gsize    length; /* bytes of the text in the message */
    gboolean copied;
  } cases[] = { { 300, TRUE }, { 301, TRUE }, { 60000, TRUE }, { 70000, FALSE }, { 70002, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strnfill (cases[i].length, 'x');
      g_autoptr (GVariant) message =
        g_variant_ref_sink (g_variant_new ("(ysv)", 0x83, "a", g_variant_new_string (text)));
      gsize size = g_variant_get_size (message);
      g_autoptr (GBytes) payload = g_bytes_new (g_variant_get_data (message), size);
      const guint8 *data = g_bytes_get_data (payload, NULL);
      g_autoptr (GVariant) value = NULL;

      g_assert_cmpuint (size % 8, !=, 0);
      g_assert_cmpuint (data[size - 1], ==, '\0');
      value = plant_rpc_message_unpack_native (payload, "(ysv)", NULL);
      g_assert_nonnull (value);
      g_assert_cmpint (g_variant_get_data (value) != data, ==, cases[i].copied);
    }
}

/* A kind and a name alone. */
static void
test_name (void)
{
  static const char *const names[] = { "", "m", "mode", "größe" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GVariant) tree =
          g_variant_ref_sink (g_variant_new ("(ys)", PLANT_RPC_KIND_PROPERTY_GET, names[i]));
      g_autoptr (GBytes) expected = g_variant_get_data_as_bytes (tree);
      g_autoptr (GBytes) payload =
          plant_rpc_message_pack_name (PLANT_RPC_KIND_PROPERTY_GET, names[i]);

      g_assert_true (g_bytes_equal (payload, expected));
      g_assert_cmpstr (plant_rpc_message_peek_name (payload), ==, names[i]);
    }
}

static void
test_no_name (void)
{
  static const struct {
    const char *data;
    gsize       size;
  } cases[] = { { "", 0 }, { "\x82", 1 }, { "\x82m", 2 }, { "\x82m\0n", 5 }, { "\x82\xff", 3 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) payload = g_bytes_new (cases[i].data, cases[i].size);

      g_assert_null (plant_rpc_message_peek_name (payload));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  plant_rpc_test_add ("/message/valid", test_valid);
  plant_rpc_test_add ("/message/invalid", test_invalid);
  plant_rpc_test_add ("/message/truncated", test_truncated);
  plant_rpc_test_add ("/message/flipped", test_flipped);
  plant_rpc_test_add ("/message/crosswise", test_crosswise);
  plant_rpc_test_add ("/message/promises", test_promises);
  plant_rpc_test_add ("/message/json-size", test_json_size);
  plant_rpc_test_add ("/message/request-size", test_request_size);
  plant_rpc_test_add ("/message/deep-json", test_deep_json);
  plant_rpc_test_add ("/message/deep-native", test_deep_native);
  plant_rpc_test_add ("/message/truth", test_truth);
  plant_rpc_test_add ("/message/long-event", test_long_event);
  plant_rpc_test_add ("/message/readable", test_readable);
  plant_rpc_test_add ("/message/name", test_name);
  plant_rpc_test_add ("/message/no-name", test_no_name);
  return g_test_run ();
}
