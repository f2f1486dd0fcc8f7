/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-key-text-private.h"
#include "plant-rpc-key-wipe-private.h"

#define PUBLIC     "XzV6yxZT>:g6.wrU)Z:fqE^#Bjo:Z)!AoWpwscHF"
#define SECRET     "nNM(X7)s5HW0RddB76E8?ceLfM)4m66bSx-*7K4="
#define BOTH       "curve\n    public-key = \"" PUBLIC "\"\n    secret-key = \"" SECRET "\"\n"
#define ONE(line)  "curve\n    public-key = \"" PUBLIC "\"\n" line "\n"
#define TEXT(text) { text, sizeof text - 1 }

typedef struct {
  const char *text;
  gsize       length;
} Text;

static void
test_good (void)
{
  static const Text texts[] = {
    TEXT (BOTH),
    TEXT ("curve\r\n    public-key = \"" PUBLIC "\"\r\n    secret-key = \"" SECRET "\"\r\n"),
    TEXT ("curve\n    secret-key='" SECRET "'\n    public-key   =   '" PUBLIC "'"),
    TEXT ("curve\n    public-key = " PUBLIC "\n    secret-key = " SECRET " # a comment"),
    TEXT ("# secret-key\n\n  # x\ncurve # the keys\n\n\n    public-key=\"" PUBLIC "\" # x\n"
          "\t# y\n    secret-key=\"" SECRET "\"#z\n"),
    TEXT ("metadata\n    name = it's \"me\n  curve\n" BOTH "other = 3\n    secret-key = \"x\"\n"),
    TEXT ("    public-key = \"x\"\n" BOTH "curved\n    public-key = \"x\"\n"),
    TEXT (BOTH "    extra = \"x\n    more\n        secret-key = \"deeper\"\n"),
    TEXT ("curve\n    secret-key = \"" SECRET "\"\nmetadata\n    \ncurve\n"
          "    public-key = \"" PUBLIC "\"\n"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      PlantRpcKeyText keys;

      g_assert_true (plant_rpc_key_text_parse (&keys, texts[i].text, texts[i].length, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (keys.public_key, ==, PUBLIC);
      g_assert_cmpstr (keys.secret_key, ==, SECRET);
    }
}

static void
test_public_only (void)
{
  const char *text = ONE ("");
  g_autoptr (GError) error = NULL;
  PlantRpcKeyText keys;

  g_assert_true (plant_rpc_key_text_parse (&keys, text, strlen (text), &error));
  g_assert_cmpstr (keys.public_key, ==, PUBLIC);
  g_assert_cmpstr (keys.secret_key, ==, "");
}

/* The message says where and why, and repeats nothing of the text. */
static void
test_bad (void)
{
  static const struct {
    Text        text;
    const char *message;
  } cases[] = {
    { TEXT (""), "there is no section “curve” with a “public-key”" },
    { TEXT ("-----BEGIN OPENSSH PRIVATE KEY-----\n"), "there is no section “curve”*" },
    { TEXT ("curve\n    secret-key = \"" SECRET "\"\n"), "there is no section “curve”*" },
    { TEXT ("curve\n        public-key = \"" PUBLIC "\"\n"), "there is no section “curve”*" },
    { TEXT ("Curve\n    public-key = \"" PUBLIC "\"\n"), "there is no section “curve”*" },
    { TEXT ("metadata\n    public-key = \"" PUBLIC "\"\n"), "there is no section “curve”*" },
    { TEXT ("\xef\xbb\xbf" BOTH), "there is no section “curve”*" },
    { TEXT ("curve = 1\n" BOTH), "line 1: something follows the name of the section" },
    { TEXT ("curve\n  public-key = \"" PUBLIC "\"\n"), "line 2: expected four spaces*" },
    { TEXT ("curve\n\tpublic-key = \"" PUBLIC "\"\n"), "line 2: expected four spaces*" },
    { TEXT ("curve\n    public-key\n"), "line 2: expected “=” behind the name" },
    { TEXT ("curve\n    public-key \"" PUBLIC "\"\n"), "line 2: expected “=” behind the name" },
    { TEXT ("curve\n    public-key =\n"), "line 2: there is no value" },
    { TEXT ("curve\n    public-key = "), "line 2: there is no value" },
    { TEXT ("curve\n    public-key = \"" PUBLIC "\n\"\n"), "line 2: the value has no closing*" },
    { TEXT ("curve\n    public-key = \"" PUBLIC "'\n"), "line 2: the value has no closing quote" },
    { TEXT (ONE ("    secret-key = \"\"")), "line 3: the value is no key of 40 characters of Z85" },
    { TEXT (ONE ("    secret-key = \"" SECRET "x\"")), "line 3: the value is no key*" },
    { TEXT (ONE ("    secret-key = \"nNM(X7)s5HW0RddB76E8?ceLfM)4m66bSx-*7K4\"")),
      "line 3: the value is no key*" },
    { TEXT (ONE ("    secret-key = \"nNM(X7)s5HW0RddB76E8?ceLfM)4m66bSx-*7K4~\"")),
      "line 3: the value is no key*" },
    { TEXT (ONE ("    secret-key = \"nNM(X7)s5HW0RddB76E8?ceLfM)4m66bSx-*7Ké\"")),
      "line 3: the value is no key*" },
    { TEXT (ONE ("    secret-key = \"########################################\"")),
      "line 3: the value is no key*" },
    { TEXT (ONE ("    secret-key = \"" SECRET "\" \"x\"")), "line 3: something follows the value" },
    { TEXT (ONE ("    secret-key = \"" SECRET "\"x")), "line 3: something follows the value" },
    { TEXT (ONE ("    public-key = \"" PUBLIC "\"")), "line 3: the key is there twice" },
    { TEXT (BOTH BOTH), "line 5: the key is there twice" },
    { TEXT (BOTH "\0"), "line 4: there is a NUL byte" },
    { TEXT ("metadata\n    x\0y\n" BOTH), "line 2: there is a NUL byte" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      static const PlantRpcKeyText nothing;
      g_autoptr (GError) error = NULL;
      PlantRpcKeyText keys;

      g_assert_false (plant_rpc_key_text_parse (&keys, cases[i].text.text, cases[i].text.length,
                                                &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      if (!g_pattern_match_simple (cases[i].message, error->message))
        g_error ("“%s” instead of “%s”", error->message, cases[i].message);
      g_assert_null (strstr (error->message, "nNM"));
      g_assert_cmpmem (&keys, sizeof keys, &nothing, sizeof nothing);
    }
}

static void
test_size (void)
{
  g_autofree char *text = g_malloc (PLANT_RPC_KEY_MAX_TEXT + 1);
  g_autoptr (GError) error = NULL;
  PlantRpcKeyText keys;

  memset (text, '\n', PLANT_RPC_KEY_MAX_TEXT + 1);
  memcpy (text, BOTH, strlen (BOTH));
  g_assert_true (plant_rpc_key_text_parse (&keys, text, PLANT_RPC_KEY_MAX_TEXT, &error));
  g_assert_no_error (error);
  g_assert_false (plant_rpc_key_text_parse (&keys, text, PLANT_RPC_KEY_MAX_TEXT + 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, "larger than 16384 bytes"));
}

static void
test_print (void)
{
  const PlantRpcKeyText texts[] = { { PUBLIC, SECRET }, { PUBLIC, "" } };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = plant_rpc_key_text_print (&texts[i]);
      g_autoptr (GError) error = NULL;
      PlantRpcKeyText keys;

      g_assert_true (g_str_has_suffix (text, "\"\n"));
      g_assert_true (plant_rpc_key_text_parse (&keys, text, strlen (text), &error));
      g_assert_no_error (error);
      g_assert_cmpstr (keys.public_key, ==, texts[i].public_key);
      g_assert_cmpstr (keys.secret_key, ==, texts[i].secret_key);
    }
}

static void
test_wipe (void)
{
  static const char zeros[16];
  char bytes[18];

  memset (bytes, 'x', sizeof bytes);
  plant_rpc_key_wipe (bytes + 1, sizeof zeros);
  g_assert_cmpmem (bytes + 1, sizeof zeros, zeros, sizeof zeros);
  g_assert_cmpint (bytes[0], ==, 'x');
  g_assert_cmpint (bytes[17], ==, 'x');
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-text/good", test_good);
  g_test_add_func ("/key-text/public-only", test_public_only);
  g_test_add_func ("/key-text/bad", test_bad);
  g_test_add_func ("/key-text/size", test_size);
  g_test_add_func ("/key-text/print", test_print);
  g_test_add_func ("/key-text/wipe", test_wipe);
  return g_test_run ();
}
