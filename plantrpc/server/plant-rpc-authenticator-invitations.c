/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-authenticator-parts-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-invitation-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-role-private.h"

/* Invitations: keys that may join once, and who joins by them. */

/* What is told to the owner of the device. */
typedef struct {
  PlantRpcAuthenticator *self;    /* (unowned): drops what waits when it is freed */
  char                  *key;     /* (owned): of who joins */
  char                  *name;    /* (owned) */
  char                  *address; /* (owned) */
  PlantRpcRole           role;    /* PLANT_RPC_ROLE_NONE if it was refused */
  const char            *reason;  /* (nullable): why */
} News;

static void
news_free (gpointer data)
{
  News *news = data;

  g_free (news->key);
  g_free (news->name);
  g_free (news->address);
  g_free (news);
}

static void
tell_news (gpointer data)
{
  News *news = data;
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  if (news->reason == NULL)
    {
      g_signal_emit (news->self,
                     plant_rpc_authenticator_signals[PLANT_RPC_AUTHENTICATOR_JOINED], 0, news->key,
                     news->name, news->role, news->address);
      return;
    }
  plant_rpc_authenticator_release_refusal (news->self);
  g_signal_emit (news->self,
                 plant_rpc_authenticator_signals[PLANT_RPC_AUTHENTICATOR_INVITATION_REFUSED], 0,
                 news->key, news->name, news->reason, news->address);
}

static void
tell (PlantRpcAuthenticator *self,
      const PlantRpcJoin    *join,
      PlantRpcRole           role,
      const char            *reason)
{
  News *news;

  if (reason != NULL && !plant_rpc_authenticator_reserve_refusal (self))
    return;
  news = g_new (News, 1);
  *news = (News) {
    .self = self,
    .key = g_strdup (join->key),
    .name = g_strdup (join->name),
    .address = g_strdup (join->address),
    .role = role,
    .reason = reason,
  };
  plant_rpc_handover_post (self->handover, tell_news, news, news_free);
}

/* ---- making one */

static gboolean
write_line (PlantRpcAuthenticator  *self,
            const char             *key,
            PlantRpcRole            role,
            guint                   lifetime,
            GError                **error)
{
  const PlantRpcAllowedKey line = {
    .granted = role,
    .lifetime = lifetime,
    .end = g_get_real_time () / G_USEC_PER_SEC + lifetime,
  };

  return self->path == NULL || plant_rpc_allowed_keys_edit (self->path, key, &line, error);
}

static gboolean
check_lifetime (guint    lifetime,
                GError **error)
{
  if (lifetime >= PLANT_RPC_INVITATION_MIN_TIME && lifetime <= PLANT_RPC_INVITATION_MAX_TIME)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               /* Translators: two numbers of seconds */
               _("An invitation is good for %d to %d seconds"), PLANT_RPC_INVITATION_MIN_TIME,
               PLANT_RPC_INVITATION_MAX_TIME);
  return FALSE;
}

/**
 * plant_rpc_authenticator_invite:
 * @self: an authenticator
 * @url: the URL of a server that has the authenticator, with its key, such as
 *   `tcp://pi-cam-1:5000#KEY`
 * @role: the role that is given to who joins, not %PLANT_RPC_ROLE_NONE
 * @lifetime: for how many seconds the invitation is good, from 10 to 86400, or 0 for ten minutes
 * @error: return location for an error
 *
 * Invites somebody to a server: makes a link by which one client can join, once.
 *
 * The link begins with `plantrpc+curve://`. It is a secret, since whoever has it first may join, so
 * it is given to one person by a way that others do not read. [func@pair] and `plantrpc pair` take
 * it. If the server listens at all addresses of this computer, the link has one that others can
 * reach.
 *
 * The table gets the public half of a pair of keys that may do nothing but join. If the table is in
 * a file, the invitation gets a line there, and the server may be in another process. The time is
 * counted by the monotonic clock from when the server has seen it. The secret half is in the link
 * alone. [method@Authenticator.revoke] takes an invitation back. [signal@Authenticator::joined]
 * tells who has joined.
 *
 * Fails with %PLANT_RPC_ERROR_INVALID_URL if @url has no key, or is not reached over TCP, with
 * %G_IO_ERROR_INVALID_ARGUMENT for another @lifetime, and with other errors of
 * [type@Gio.IOErrorEnum] if the file of the table cannot be written.
 *
 * Returns: (transfer full): the link
 *
 * Since: 1.1
 */
char *
plant_rpc_authenticator_invite (PlantRpcAuthenticator  *self,
                                const char             *url,
                                PlantRpcRole            role,
                                guint                   lifetime,
                                GError                **error)
{
  g_autoptr (PlantRpcKeypair) pair = NULL;
  g_autofree char *link = NULL;
  const char *key;

  g_return_val_if_fail (PLANT_RPC_IS_AUTHENTICATOR (self), NULL);
  g_return_val_if_fail (url != NULL, NULL);
  g_return_val_if_fail (role > PLANT_RPC_ROLE_NONE && role <= PLANT_RPC_ROLE_ADMINISTRATOR, NULL);

  if (lifetime == 0)
    lifetime = PLANT_RPC_INVITATION_DEFAULT_TIME;
  pair = check_lifetime (lifetime, error) ? plant_rpc_keypair_new (error) : NULL;
  if (pair == NULL)
    return NULL;
  link = plant_rpc_invitation_print (url, pair, error);
  key = plant_rpc_keypair_get_public_key (pair);
  if (link == NULL || !write_line (self, key, role, lifetime, error))
    return NULL;
  plant_rpc_authenticator_lock ();
  plant_rpc_invitations_add (self->invitations, key, role, lifetime, g_get_monotonic_time ());
  plant_rpc_authenticator_unlock ();
  return g_steal_pointer (&link);
}

/* ---- those that wait */

static int
compare_keys (gconstpointer a,
              gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * plant_rpc_authenticator_list_invitations:
 * @self: an authenticator
 *
 * Lists the invitations that nobody has used yet, by the public keys that may join, in the order of
 * their characters.
 *
 * Returns: (transfer full): the public keys
 *
 * Since: 1.1
 */
char **
plant_rpc_authenticator_list_invitations (PlantRpcAuthenticator *self)
{
  GPtrArray *keys;

  g_return_val_if_fail (PLANT_RPC_IS_AUTHENTICATOR (self), NULL);

  keys = g_ptr_array_new ();
  plant_rpc_authenticator_lock ();
  plant_rpc_invitations_list (self->invitations, TRUE, g_get_monotonic_time (), keys);
  plant_rpc_authenticator_unlock ();
  g_ptr_array_sort (keys, compare_keys);
  g_ptr_array_add (keys, NULL);
  return (char **) g_ptr_array_free (keys, FALSE);
}

/**
 * plant_rpc_authenticator_get_invitation:
 * @self: an authenticator
 * @key: the public key of an invitation
 * @role: (out) (optional): return location for the role that is given to who joins
 * @time_left: (out) (optional): return location for the seconds until it expires
 *
 * Tells of an invitation that nobody has used yet.
 *
 * Returns: whether there is such an invitation
 *
 * Since: 1.1
 */
gboolean
plant_rpc_authenticator_get_invitation (PlantRpcAuthenticator *self,
                                        const char            *key,
                                        PlantRpcRole          *role,
                                        guint                 *time_left)
{
  char canonical[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
  const gint64 now = g_get_monotonic_time ();
  const PlantRpcInvitationEntry *entry = NULL;
  gboolean waits;

  g_return_val_if_fail (PLANT_RPC_IS_AUTHENTICATOR (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  plant_rpc_authenticator_lock ();
  if (plant_rpc_authenticator_normalize (key, canonical, NULL))
    entry = plant_rpc_invitations_find (self->invitations, canonical, now);
  waits = entry != NULL && entry->state == PLANT_RPC_INVITATION_STATE_WAITING;
  if (role != NULL)
    *role = waits ? entry->granted : PLANT_RPC_ROLE_NONE;
  if (time_left != NULL)
    *time_left = waits ? (guint) ((entry->end - now + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC) : 0;
  plant_rpc_authenticator_unlock ();
  return waits;
}

/**
 * plant_rpc_authenticator_find_url:
 * @self: an authenticator whose table is in a file
 * @error: return location for an error
 *
 * Finds the URL, with its key, of the server that runs on this computer with the same table. A
 * server of [method@Server.secure] leaves it beside its keys while it runs, as `NAME.url`. If
 * several have the same name, it is that of the one that was started first.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND if no server runs, or if it could not leave its URL there, and
 * with %G_IO_ERROR_PERMISSION_DENIED if others than this user and root may write the file.
 *
 * Returns: (transfer full): the URL
 *
 * Since: 1.1
 */
char *
plant_rpc_authenticator_find_url (PlantRpcAuthenticator  *self,
                                  GError                **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_AUTHENTICATOR (self), NULL);

  if (self->path != NULL)
    path = plant_rpc_url_file_find_path (self->path);
  if (path != NULL)
    return plant_rpc_url_file_read (path, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                       _("The keys that are allowed are not in a file, so no server is found"));
  return NULL;
}

PlantRpcUrlFile *
plant_rpc_authenticator_leave_url (PlantRpcAuthenticator *self,
                                   const char            *url)
{
  g_autofree char *path = self->path != NULL ? plant_rpc_url_file_find_path (self->path) : NULL;
  PlantRpcUrlFile *file = path != NULL ? plant_rpc_url_file_new (path, url) : NULL;

  if (path != NULL && file == NULL)
    plant_rpc_debug ("“%s” cannot be written, or is that of another server", path);
  return file;
}

/* ---- who joins */

gboolean
plant_rpc_authenticator_admits (PlantRpcAuthenticator *self,
                                const char            *key)
{
  return plant_rpc_authenticator_find (self, key) != PLANT_RPC_ROLE_NONE ||
         plant_rpc_authenticator_is_invitation (self, key);
}

gboolean
plant_rpc_authenticator_is_invitation (PlantRpcAuthenticator *self,
                                       const char            *key)
{
  gboolean found;

  plant_rpc_authenticator_lock ();
  found = plant_rpc_invitations_find (self->invitations, key, g_get_monotonic_time ()) != NULL;
  plant_rpc_authenticator_unlock ();
  return found;
}

/* KEY has room for PLANT_RPC_PUBLIC_KEY_LENGTH characters and a NUL. */
static gboolean
check_join (PlantRpcAuthenticator  *self,
            const PlantRpcJoin     *join,
            char                   *key,
            GError                **error)
{
  if (!plant_rpc_authenticator_normalize (join->key, key, NULL))
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                                 "Who joins tells a public key");
  if (!plant_rpc_invitation_check_name (join->name, error))
    return FALSE;
  /* Otherwise the link would be as good as a key from then on. */
  if (plant_rpc_authenticator_is_invitation (self, key))
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                                 "Who joins tells a key of his own, not that of an invitation");
  return TRUE;
}

/* Claims the invitation, so that no other thread does, or returns what has become of it. ROLE is
 * that of who has joined already. */
static const char *
claim (PlantRpcAuthenticator *self,
       const PlantRpcJoin    *join,
       const char            *key,
       PlantRpcRole          *role)
{
  PlantRpcInvitationEntry *entry;
  const char *outcome = NULL;

  *role = PLANT_RPC_ROLE_NONE;
  plant_rpc_authenticator_lock ();
  entry = plant_rpc_invitations_find (self->invitations, join->invitation, g_get_monotonic_time ());
  if (entry == NULL || entry->state == PLANT_RPC_INVITATION_STATE_LATE)
    {
      outcome = PLANT_RPC_INVITATION_EXPIRED;
    }
  else if (entry->state == PLANT_RPC_INVITATION_STATE_WAITING)
    {
      entry->state = PLANT_RPC_INVITATION_STATE_CLAIMED;
      *role = entry->granted;
    }
  else
    {
      const PlantRpcAllowedKey *own = g_hash_table_lookup (self->entries, key);

      outcome = PLANT_RPC_INVITATION_USED;
      if (own != NULL && g_strcmp0 (entry->joined, key) == 0)
        *role = own->role;
    }
  plant_rpc_authenticator_unlock ();
  return outcome;
}

/* Stores the key of who joins. ALLOWED has the role of the invitation, and the name. */
static gboolean
store (PlantRpcAuthenticator  *self,
       const PlantRpcJoin     *join,
       const char             *key,
       PlantRpcAllowedKey     *allowed,
       GError                **error)
{
  if (self->path != NULL)
    return plant_rpc_allowed_keys_redeem (self->path, join->invitation, key, allowed, error);
  plant_rpc_authenticator_lock ();
  plant_rpc_allowed_key_keep (allowed, g_hash_table_lookup (self->entries, key));
  plant_rpc_authenticator_unlock ();
  return TRUE;
}

/* JOINED is the key that has used the invitation, or NULL: it waits as before. It may have been
 * taken back meanwhile. */
static void
settle (PlantRpcAuthenticator *self,
        const char            *invitation,
        const char            *joined)
{
  const gint64 now = g_get_monotonic_time ();
  PlantRpcInvitationEntry *entry;

  plant_rpc_authenticator_lock ();
  entry = plant_rpc_invitations_find (self->invitations, invitation, now);
  if (entry != NULL && entry->state == PLANT_RPC_INVITATION_STATE_CLAIMED)
    {
      if (joined != NULL)
        plant_rpc_invitations_spend (self->invitations, entry, joined, now);
      else
        entry->state = PLANT_RPC_INVITATION_STATE_WAITING;
    }
  plant_rpc_authenticator_unlock ();
}

static const char *
fail_to_store (PlantRpcAuthenticator  *self,
               const PlantRpcJoin     *join,
               GError                 *failure,
               GError                **error)
{
  g_autoptr (GError) owned = failure;

  /* It was taken back and this was not read yet, or another server with the same file was
   * faster. */
  if (g_error_matches (owned, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      plant_rpc_authenticator_lock ();
      plant_rpc_invitations_remove (self->invitations, join->invitation);
      plant_rpc_authenticator_unlock ();
      tell (self, join, PLANT_RPC_ROLE_NONE, PLANT_RPC_INVITATION_GONE);
      return PLANT_RPC_INVITATION_GONE;
    }
  settle (self, join->invitation, NULL);
  plant_rpc_message ("“%s” could not join: %s", join->name, owned->message);
  plant_rpc_error_fail (error, PLANT_RPC_ERROR_REMOTE,
                        "The device could not store the key; its log says why");
  return NULL;
}

static const char *
admit (PlantRpcAuthenticator  *self,
       const PlantRpcJoin     *join,
       const char             *key,
       PlantRpcRole            granted,
       GError                **error)
{
  g_autofree char *name = g_strstrip (g_strdup (join->name));
  PlantRpcAllowedKey allowed = {
    .role = granted,
    .label = *name != '\0' ? g_strdup (name) : NULL,
  };
  const PlantRpcJoin told = { join->invitation, key, name, join->address };
  GError *failure = NULL;
  const char *outcome;

  if (store (self, join, key, &allowed, &failure))
    {
      settle (self, join->invitation, key);
      plant_rpc_authenticator_change (self, key, &allowed);
      tell (self, &told, allowed.role, NULL);
      outcome = plant_rpc_role_get_nick (allowed.role);
    }
  else
    {
      outcome = fail_to_store (self, &told, failure, error);
    }
  g_free (allowed.label);
  return outcome;
}

const char *
plant_rpc_authenticator_join (PlantRpcAuthenticator  *self,
                              const PlantRpcJoin     *join,
                              GError                **error)
{
  char key[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
  PlantRpcRole role;
  const char *outcome;

  if (!check_join (self, join, key, error))
    return NULL;
  outcome = claim (self, join, key, &role);
  if (outcome == NULL)
    return admit (self, join, key, role, error);
  /* Somebody whose answer was lost asks again. */
  if (role != PLANT_RPC_ROLE_NONE)
    return plant_rpc_role_get_nick (role);
  tell (self, join, PLANT_RPC_ROLE_NONE, outcome);
  return outcome;
}

/* ---- lines that are spent */

void
plant_rpc_authenticator_tidy (PlantRpcAuthenticator *self)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);

  plant_rpc_authenticator_lock ();
  plant_rpc_invitations_list (self->invitations, FALSE, g_get_monotonic_time (), keys);
  plant_rpc_authenticator_unlock ();
  for (guint i = 0; i < keys->len; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!plant_rpc_allowed_keys_edit (self->path, keys->pdata[i], NULL, &error))
        plant_rpc_message ("The line of an invitation that is over stays: %s", error->message);
    }
}
