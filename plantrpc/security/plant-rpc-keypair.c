/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-keypair-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <zmq.h>

#include "plant-rpc-public-key-private.h"

/**
 * PlantRpcKeypair:
 *
 * A pair of keys of CURVE, the security of ZeroMQ: a public key, which may be given to everybody,
 * and the secret key that belongs to it.
 *
 * [ctor@Keypair.ensure] loads the pair that is kept under a name, or makes it. The secret key is
 * never told: it is in its file and in memory, which is overwritten when the pair is freed. The
 * page on [keys](keys.html) describes the files.
 *
 * Functions that read or write files block meanwhile. Immutable; may be used from any thread.
 *
 * Since: 1.1
 */

struct _PlantRpcKeypair {
  PlantRpcKeyText keys;
  char            public_key[PLANT_RPC_PUBLIC_KEY_LENGTH + 1]; /* as people are shown it */
};

G_DEFINE_BOXED_TYPE (PlantRpcKeypair, plant_rpc_keypair, plant_rpc_keypair_ref,
                     plant_rpc_keypair_unref)

static PlantRpcKeypair *
keypair_alloc (void)
{
  return g_atomic_rc_box_new0 (PlantRpcKeypair);
}

static gboolean
fail_without_curve (GError **error,
                    int      code)
{
  if (code == ENOTSUP)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                         _("There are no keys, since this libzmq was built without CURVE"));
  else
    g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (code),
                 _("libzmq makes no keys: %s"), g_strerror (code));
  return FALSE;
}

static void
print_public_key (PlantRpcKeypair *self)
{
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];

  plant_rpc_public_key_parse (self->keys.public_key, bytes);
  plant_rpc_public_key_print (bytes, self->public_key);
}

/**
 * plant_rpc_keypair_new: (constructor)
 * @error: return location for an error
 *
 * Makes a new pair of random keys.
 *
 * Fails with %G_IO_ERROR_NOT_SUPPORTED if libzmq was built without CURVE.
 *
 * Returns: (transfer full): a new pair
 *
 * Since: 1.1
 */
PlantRpcKeypair *
plant_rpc_keypair_new (GError **error)
{
  g_autoptr (PlantRpcKeypair) self = NULL;

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = keypair_alloc ();
  /* A program would take a key that begins with “-” for an option. */
  do
    {
      if (zmq_curve_keypair (self->keys.public_key, self->keys.secret_key) != 0)
        {
          fail_without_curve (error, errno);
          return NULL;
        }
      print_public_key (self);
    }
  while (*self->public_key == '-');
  return g_steal_pointer (&self);
}

static gboolean
check_public_key (const PlantRpcKeyText  *keys,
                  GError                **error)
{
  char public_key[PLANT_RPC_KEY_LENGTH + 1];

  if (zmq_curve_public (public_key, keys->secret_key) != 0)
    return fail_without_curve (error, errno);
  if (g_str_equal (public_key, keys->public_key))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       _("the public key is not that of the secret key"));
  return FALSE;
}

PlantRpcKeypair *
plant_rpc_keypair_new_from_keys (const PlantRpcKeyText  *keys,
                                 GError                **error)
{
  PlantRpcKeypair *self;

  if (!check_public_key (keys, error))
    return NULL;
  self = keypair_alloc ();
  self->keys = *keys;
  print_public_key (self);
  return self;
}

const PlantRpcKeyText *
plant_rpc_keypair_get_keys (PlantRpcKeypair *self)
{
  return &self->keys;
}

/**
 * plant_rpc_keypair_get_public_key:
 * @self: a pair of keys
 *
 * Gets the public key.
 *
 * It is written in base64url (RFC 4648, without padding), which means nothing else in a URL, a
 * shell or a file name. The functions of this library also take the Z85 of ZeroMQ.
 *
 * Returns: (transfer none): the key, which has 43 characters
 *
 * Since: 1.1
 */
const char *
plant_rpc_keypair_get_public_key (PlantRpcKeypair *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->public_key;
}

/**
 * plant_rpc_keypair_equal:
 * @self: a pair of keys
 * @other: another pair of keys
 *
 * Compares two pairs. They are equal if they have the same public key.
 *
 * Returns: whether they are equal
 *
 * Since: 1.1
 */
gboolean
plant_rpc_keypair_equal (PlantRpcKeypair *self,
                         PlantRpcKeypair *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  return g_str_equal (self->keys.public_key, other->keys.public_key);
}

/**
 * plant_rpc_keypair_ref:
 * @self: a pair of keys
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.1
 */
PlantRpcKeypair *
plant_rpc_keypair_ref (PlantRpcKeypair *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
clear_keypair (gpointer data)
{
  PlantRpcKeypair *self = data;

  plant_rpc_key_text_clear (&self->keys);
}

/**
 * plant_rpc_keypair_unref:
 * @self: (transfer full): a pair of keys
 *
 * Releases a reference. With the last one the keys are overwritten in memory and freed.
 *
 * Since: 1.1
 */
void
plant_rpc_keypair_unref (PlantRpcKeypair *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear_keypair);
}
