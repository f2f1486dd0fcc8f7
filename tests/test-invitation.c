/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-invitation-private.h"
#include "plant-rpc-invitations-private.h"
#include "plant-rpc-pair.h"

#define KEY   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OTHER "__________________________________________8"
#define SECOND ((gint64) G_USEC_PER_SEC)

/* ---- links */

static char *
make_link (const char       *url,
           PlantRpcKeypair **pair)
{
  char *link;

  *pair = plant_rpc_keypair_new (NULL);
  link = plant_rpc_invitation_print (url, *pair, NULL);
  g_assert_nonnull (link);
  g_assert_true (g_str_has_prefix (link, "plantrpc+curve://"));
  return link;
}

static void
test_link (void)
{
  static const char *const urls[] = { "tcp://pi-cam-1:5000#" KEY, "tcp://10.0.0.7:10000#" OTHER,
                                      "tcp://[fe80::1]:1#" KEY };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_auto (PlantRpcInvitation) read = { 0 };
      g_auto (PlantRpcInvitation) loose = { 0 };
      g_autoptr (PlantRpcKeypair) pair = NULL;
      g_autofree char *link = make_link (urls[i], &pair);
      g_autofree char *padded = g_strconcat (" \n", link, "\n", NULL);
      g_auto (GStrv) parts = g_strsplit (link, "/#", 2);
      g_autofree char *without_slash = g_strjoinv ("#", parts);
      g_autofree char *escaped = g_strjoinv ("/%23", parts);

      g_assert_true (plant_rpc_invitation_parse (&read, padded, NULL));
      g_assert_cmpstr (read.url, ==, urls[i]);
      g_assert_true (plant_rpc_keypair_equal (read.pair, pair));
      g_assert_true (plant_rpc_invitation_parse (&loose, without_slash, NULL));
      g_assert_cmpstr (loose.url, ==, urls[i]);
      g_assert_true (plant_rpc_is_invitation (padded));
      g_assert_true (plant_rpc_is_invitation (escaped));
    }
}

/* What a wildcard stands for is told to others as an address of this computer. */
static void
test_wildcard (void)
{
  g_auto (PlantRpcInvitation) read = { 0 };
  g_autoptr (PlantRpcKeypair) pair = NULL;
  g_autofree char *link = make_link ("tcp://*:5000#" KEY, &pair);

  g_assert_true (plant_rpc_invitation_parse (&read, link, NULL));
  g_assert_null (strchr (read.url, '*'));
  g_assert_true (g_str_has_suffix (read.url, ":5000#" KEY));
}

static void
test_no_link (void)
{
  g_autoptr (PlantRpcKeypair) pair = NULL;
  g_autofree char *good = make_link ("tcp://h:5000#" KEY, &pair);
  const char *secret = strrchr (good, '.') + 1;
  const char *const texts[] = {
    "", "plantrpc+curve://", "tcp://h:5000#" KEY, "plantrpc+curve://h:5000/#" KEY,
    "plantrpc+curve://h:5000/#" KEY ".", "plantrpc+curve://h:5000/#" KEY ".x",
    "plantrpc+curve://h:5000/#" KEY "." KEY KEY,
  };
  const char *const places[] = { "", ":5000", "h", "*:5000", "h:0", "h:5000/x", "a@h:5000",
                                 "h:70000", "h:%35", "h h:5000" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_auto (PlantRpcInvitation) read = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (plant_rpc_invitation_parse (&read, texts[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_assert_null (read.url);
      g_assert_false (plant_rpc_is_invitation (texts[i]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_auto (PlantRpcInvitation) read = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *link =
          g_strconcat ("plantrpc+curve://", places[i], "/#", KEY, ".", secret, NULL);

      g_test_message ("%s", places[i]);
      g_assert_false (plant_rpc_invitation_parse (&read, link, &error));
      g_assert_null (strstr (error->message, secret));
    }
}

static void
test_no_place (void)
{
  static const char *const urls[] = { "ipc:///run/lamp#" KEY, "tcp://h:5000", "tcp://h#" KEY,
                                      "h:5000" };
  g_autoptr (PlantRpcKeypair) pair = plant_rpc_keypair_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (plant_rpc_invitation_print (urls[i], pair, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
    }
}

/* ---- names */

static void
test_names (void)
{
  static const char *const good[] = { "", "Eva's desk", "größe 植物", "# 1" };
  static const char *const bad[] = { "a\nb", "\x1b[2J", "\xff", "a\u202e", "a\tb" };
  g_autofree char *longest = g_strnfill (PLANT_RPC_MAX_JOIN_NAME, 'x');
  g_autofree char *too_long = g_strnfill (PLANT_RPC_MAX_JOIN_NAME + 1, 'x');
  g_autofree char *own = plant_rpc_invitation_make_name (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (plant_rpc_invitation_check_name (good[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *made = plant_rpc_invitation_make_name (bad[i]);

      g_assert_false (plant_rpc_invitation_check_name (bad[i], &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
      g_assert_true (plant_rpc_invitation_check_name (made, NULL));
    }
  g_assert_true (plant_rpc_invitation_check_name (longest, NULL));
  g_assert_false (plant_rpc_invitation_check_name (too_long, NULL));
  g_assert_cmpstr (own, !=, "");
  g_assert_true (plant_rpc_invitation_check_name (own, NULL));
}

/* ---- lines */

static void
test_lines (void)
{
  static const char text[] = KEY " invited operator 600 2026-12-01T04:20:00Z\n"
                             OTHER " viewer invited operator\n";
  static const char *const bad[] = {
    KEY " invited", KEY " invited operator", KEY " invited none 600 2026-12-01T04:20:00Z",
    KEY " invited operator 0 2026-12-01T04:20:00Z", KEY " invited operator 600 tomorrow",
    KEY " invited operator x 2026-12-01T04:20:00Z", KEY " invited operator 600 2026-12-01T04:20:00",
  };
  g_autoptr (GHashTable) keys = plant_rpc_allowed_keys_parse (text, strlen (text), NULL);
  const PlantRpcAllowedKey *invitation = g_hash_table_lookup (keys, KEY);
  const PlantRpcAllowedKey *viewer = g_hash_table_lookup (keys, OTHER);

  g_assert_cmpint (invitation->role, ==, PLANT_RPC_ROLE_NONE);
  g_assert_cmpint (invitation->granted, ==, PLANT_RPC_ROLE_OPERATOR);
  g_assert_cmpuint (invitation->lifetime, ==, 600);
  g_assert_cmpint (invitation->end, ==, 1796098800);
  g_assert_cmpint (viewer->role, ==, PLANT_RPC_ROLE_VIEWER);
  g_assert_cmpuint (viewer->lifetime, ==, 0);
  g_assert_cmpstr (viewer->label, ==, "invited operator");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GHashTable) none =
          plant_rpc_allowed_keys_parse (bad[i], strlen (bad[i]), problems);

      g_assert_cmpuint (g_hash_table_size (none), ==, 0);
      g_assert_cmpuint (problems->len, ==, 1);
    }
}

/* ---- their table */

static gboolean
is_in_state (PlantRpcInvitations     *self,
             gint64                   now,
             PlantRpcInvitationState  state)
{
  const PlantRpcInvitationEntry *entry = plant_rpc_invitations_find (self, KEY, now);

  return entry != NULL && entry->state == state;
}

static void
test_expiry (void)
{
  g_autoptr (PlantRpcInvitations) self = plant_rpc_invitations_new ();

  plant_rpc_invitations_add (self, KEY, PLANT_RPC_ROLE_VIEWER, 10, 0);
  g_assert_true (is_in_state (self, 10 * SECOND - 1, PLANT_RPC_INVITATION_STATE_WAITING));
  g_assert_true (is_in_state (self, 10 * SECOND, PLANT_RPC_INVITATION_STATE_LATE));
  g_assert_true (is_in_state (self, 3609 * SECOND, PLANT_RPC_INVITATION_STATE_LATE));
  g_assert_null (plant_rpc_invitations_find (self, KEY, 3610 * SECOND));
}

/* Returns when an invitation of 600 s ends that was seen at 0 although its line ends in REST s. */
static gint64
see (gint64 rest)
{
  g_autoptr (PlantRpcInvitations) self = plant_rpc_invitations_new ();
  g_autoptr (GHashTable) table = plant_rpc_allowed_keys_new ();
  const PlantRpcAllowedKey line = { .granted = PLANT_RPC_ROLE_VIEWER, .lifetime = 600,
                                    .end = 1000000 + rest };

  g_hash_table_insert (table, g_strdup (KEY), g_memdup2 (&line, sizeof line));
  plant_rpc_invitations_take (self, table, 0, 1000000);
  /* It is seen again and again, whenever the file changes. */
  plant_rpc_invitations_take (self, table, SECOND, 0);
  return plant_rpc_invitations_find (self, KEY, -1)->end / SECOND;
}

/* The clock on the wall may be wrong, and no invitation lasts longer for that. */
static void
test_wall (void)
{
  g_assert_cmpint (see (600), ==, 600);
  g_assert_cmpint (see (20), ==, 20);
  g_assert_cmpint (see (0), ==, 0);
  g_assert_cmpint (see (-5), ==, 0);
  g_assert_cmpint (see (620), ==, 600);
  g_assert_cmpint (see (1000), ==, 0);
}

/* What was used stays used, however often its line is written again. */
static void
test_spent (void)
{
  g_autoptr (PlantRpcInvitations) self = plant_rpc_invitations_new ();
  g_autoptr (GHashTable) table = plant_rpc_allowed_keys_new ();
  g_autoptr (GHashTable) empty = plant_rpc_allowed_keys_new ();
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  const PlantRpcAllowedKey line = { .granted = PLANT_RPC_ROLE_VIEWER, .lifetime = 600,
                                    .end = 600 };

  g_hash_table_insert (table, g_strdup (KEY), g_memdup2 (&line, sizeof line));
  plant_rpc_invitations_take (self, table, 0, 0);
  plant_rpc_invitations_spend (self, plant_rpc_invitations_find (self, KEY, 0), OTHER, 0);
  for (guint i = 0; i < 2; i++)
    {
      plant_rpc_invitations_take (self, empty, 0, 0);
      plant_rpc_invitations_take (self, table, 0, 0);
      g_assert_true (is_in_state (self, 0, PLANT_RPC_INVITATION_STATE_SPENT));
      plant_rpc_invitations_list (self, TRUE, 0, keys);
      g_assert_cmpuint (keys->len, ==, 0);
      plant_rpc_invitations_list (self, FALSE, 0, keys);
      g_assert_cmpuint (keys->len, ==, 1);
      plant_rpc_invitations_list (self, FALSE, 0, keys);
      g_assert_cmpuint (keys->len, ==, 1);
      g_ptr_array_set_size (keys, 0);
    }
}

/* The memory of what is over is bounded, and one that waits is never forgotten for it. */
static void
test_many (void)
{
  g_autoptr (PlantRpcInvitations) self = plant_rpc_invitations_new ();
  guint n = 0;

  plant_rpc_invitations_add (self, KEY, PLANT_RPC_ROLE_VIEWER, 600, 0);
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u", i);

      plant_rpc_invitations_add (self, key, PLANT_RPC_ROLE_VIEWER, 600, i);
      plant_rpc_invitations_spend (self, plant_rpc_invitations_find (self, key, i), OTHER, i);
    }
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u", i);

      n += plant_rpc_invitations_find (self, key, 200) != NULL;
      g_assert_true (i < 199 || n > 0);
    }
  g_assert_cmpuint (n, ==, 64);
  g_assert_true (is_in_state (self, 200, PLANT_RPC_INVITATION_STATE_WAITING));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/invitation/link", test_link);
  g_test_add_func ("/invitation/wildcard", test_wildcard);
  g_test_add_func ("/invitation/no-link", test_no_link);
  g_test_add_func ("/invitation/no-place", test_no_place);
  g_test_add_func ("/invitation/names", test_names);
  g_test_add_func ("/invitation/lines", test_lines);
  g_test_add_func ("/invitation/expiry", test_expiry);
  g_test_add_func ("/invitation/wall", test_wall);
  g_test_add_func ("/invitation/spent", test_spent);
  g_test_add_func ("/invitation/many", test_many);
  return g_test_run ();
}
