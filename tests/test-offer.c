/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "devices/gauge.h"
#include "plant-rpc-error.h"
#include "plant-rpc-home-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-offer-private.h"

typedef struct {
  GObject       *owner;
  PlantRpcOffer *offer;
  guint          n_changed;
  gboolean       decides; /* what the owner tells */
  guint          n_asked; /* how often the owner decided */
} Fixture;

static Fixture *current;

static void
on_changed (gpointer owner)
{
  g_assert_true (owner == current->owner);
  current->n_changed++;
}

static gboolean
decides_writes (gpointer owner)
{
  return current->decides;
}

static gboolean
decide_write (gpointer             owner,
              PlantRpcInvocation  *invocation,
              const char          *name,
              GVariant            *value,
              GError             **error)
{
  g_assert_true (owner == current->owner);
  current->n_asked++;
  return TRUE;
}

static const PlantRpcOfferFuncs funcs = {
  .changed = on_changed,
  .decides_writes = decides_writes,
  .decide_write = decide_write,
};

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  current = self;
  self->owner = G_OBJECT (test_gauge_new ());
  self->offer =
      plant_rpc_offer_new (g_main_context_default (), TEST_TYPE_GAUGE, &funcs, self->owner);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_offer_free (self->offer);
  g_assert_finalize_object (self->owner);
}

static PlantRpcInterfaceInfo *
get_interface (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  PlantRpcInterfaceInfo *interface = plant_rpc_offer_get_interface (self->offer, &error);

  g_assert_no_error (error);
  return interface;
}

static void
handle_nothing (PlantRpcInvocation  *invocation,
                gpointer             user_data,
                GError             **error)
{
}

static void
add_method (Fixture        *self,
            const char     *name,
            gpointer        user_data,
            GDestroyNotify  notify)
{
  plant_rpc_offer_add_method (self->offer, plant_rpc_method_info_new (name, "", FALSE, 0, NULL),
                              PLANT_RPC_METHOD_FLAGS_NONE, handle_nothing, user_data, notify);
}

static char *
list_methods (Fixture *self)
{
  GPtrArray *methods = get_interface (self)->methods.list;
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < methods->len; i++)
    g_string_append_printf (names, "%s ", plant_rpc_method_info_get_name (methods->pdata[i]));
  return g_string_free (g_steal_pointer (&names), FALSE);
}

static void
count (gpointer data)
{
  guint *n = data;

  (*n)++;
}

/* ---- the object */

static void
test_object (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (GObject) other = g_object_new (G_TYPE_OBJECT, NULL);

  g_assert_true (plant_rpc_offer_get_object (self->offer) == self->owner);
  plant_rpc_offer_set_object (self->offer, other);
  g_assert_true (plant_rpc_offer_get_object (self->offer) == other);
  plant_rpc_offer_set_object (self->offer, NULL);
  g_assert_true (plant_rpc_offer_get_object (self->offer) == self->owner);
  g_assert_finalize_object (g_steal_pointer (&other));
}

/* What the owner's own class declares belongs to the server, and not to the device. */
static void
test_owner_type (Fixture       *self,
                 gconstpointer  data)
{
  PlantRpcOffer *plain = plant_rpc_offer_new (g_main_context_default (), G_TYPE_INITIALLY_UNOWNED,
                                              &funcs, self->owner);

  g_assert_null (plant_rpc_interface_info_find_property (get_interface (self), "level"));
  g_assert_nonnull (plant_rpc_interface_info_find_property (
      plant_rpc_offer_get_interface (plain, NULL), "level"));
  plant_rpc_offer_free (plain);
}

static void
test_hidden (Fixture       *self,
             gconstpointer  data)
{
  PlantRpcOffer *plain = self->offer;
  PlantRpcInterfaceInfo *interface;

  self->offer = plant_rpc_offer_new (g_main_context_default (), G_TYPE_INITIALLY_UNOWNED, &funcs,
                                     self->owner);
  plant_rpc_offer_free (plain);
  g_assert_nonnull (plant_rpc_interface_info_find_signal (get_interface (self), "measured"));
  plant_rpc_offer_hide_member (self->offer, "level");
  plant_rpc_offer_hide_member (self->offer, "measured");
  g_assert_cmpuint (self->n_changed, ==, 2);
  interface = get_interface (self);
  g_assert_null (plant_rpc_interface_info_find_property (interface, "level"));
  g_assert_null (plant_rpc_interface_info_find_signal (interface, "measured"));
  g_assert_nonnull (plant_rpc_interface_info_find_property (interface, "label"));
  /* It is made only once. */
  g_assert_true (get_interface (self) == interface);
}

/* ---- methods */

static void
test_methods (Fixture       *self,
              gconstpointer  data)
{
  guint n_released[2] = { 0 };
  PlantRpcMethod *former;
  g_autofree char *both = NULL, *none = NULL;

  add_method (self, "b", &n_released[0], count);
  former = plant_rpc_offer_find_method (self->offer, "b");
  add_method (self, "a", NULL, NULL);
  add_method (self, "b", &n_released[1], count);
  g_assert_cmpuint (self->n_changed, ==, 3);
  g_assert_cmpuint (n_released[0], ==, 1);
  g_assert_true (plant_rpc_offer_find_method (self->offer, "b") != former);
  both = list_methods (self);
  g_assert_cmpstr (both, ==, "b a ");

  plant_rpc_offer_release_handlers (self->offer);
  g_assert_cmpuint (self->n_changed, ==, 4);
  g_assert_cmpuint (n_released[1], ==, 1);
  g_assert_null (plant_rpc_offer_find_method (self->offer, "b"));
  none = list_methods (self);
  g_assert_cmpstr (none, ==, "");
}

static void
add_again (gpointer data)
{
  add_method (data, "again", NULL, NULL);
}

/* What a handler adds while it is released is a new method, which is kept. */
static void
test_added_on_release (Fixture       *self,
                       gconstpointer  data)
{
  g_autofree char *names = NULL;

  add_method (self, "once", self, add_again);
  plant_rpc_offer_release_handlers (self->offer);
  names = list_methods (self);
  g_assert_cmpstr (names, ==, "again ");
  g_assert_nonnull (plant_rpc_offer_find_method (self->offer, "again"));
}

static gboolean
accept (PlantRpcInvocation  *invocation,
        const char          *name,
        GVariant            *value,
        gpointer             user_data,
        GError             **error)
{
  return TRUE;
}

static gpointer
come_home (gpointer home)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (home);

  return home;
}

/* May wait for another thread. */
static void
let_other_in (gpointer home)
{
  g_assert_true (g_thread_join (g_thread_new ("other", come_home, home)) == home);
}

static gboolean
leave_read (PlantRpcInvocation  *invocation,
            const char          *name,
            gpointer             user_data,
            GError             **error)
{
  return TRUE;
}

static void
test_released_outside (Fixture       *self,
                       gconstpointer  data)
{
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (NULL);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (home);

  add_method (self, "once", home, let_other_in);
  plant_rpc_offer_set_writer (self->offer, accept, home, let_other_in);
  plant_rpc_offer_set_reader (self->offer, leave_read, home, let_other_in);
  plant_rpc_offer_set_reader (self->offer, leave_read, home, let_other_in);
  plant_rpc_offer_release_handlers (self->offer);
}

static void
test_too_many (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i <= PLANT_RPC_MAX_MEMBERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u", i);

      add_method (self, name, NULL, NULL);
    }
  g_assert_null (plant_rpc_offer_get_interface (self->offer, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
  plant_rpc_offer_release_handlers (self->offer);
  g_assert_nonnull (get_interface (self));
}

/* ---- writes */

static gboolean
decide (Fixture *self)
{
  return plant_rpc_offer_decide_write (self->offer, NULL, "level", NULL, NULL);
}

static gboolean
refuse (PlantRpcInvocation  *invocation,
        const char          *name,
        GVariant            *value,
        gpointer             user_data,
        GError             **error)
{
  g_assert_cmpstr (name, ==, "level");
  return FALSE;
}

static void
test_writer (Fixture       *self,
             gconstpointer  data)
{
  guint n_released = 0;

  g_assert_false (plant_rpc_offer_decides_writes (self->offer));
  self->decides = TRUE;
  g_assert_true (plant_rpc_offer_decides_writes (self->offer));
  g_assert_true (decide (self));
  g_assert_cmpuint (self->n_asked, ==, 1);

  self->decides = FALSE;
  plant_rpc_offer_set_writer (self->offer, refuse, &n_released, count);
  g_assert_true (plant_rpc_offer_decides_writes (self->offer));
  for (guint i = 0; i < 2; i++)
    g_assert_false (decide (self));
  plant_rpc_offer_set_writer (self->offer, NULL, NULL, NULL);
  g_assert_cmpuint (n_released, ==, 1);
  g_assert_false (plant_rpc_offer_decides_writes (self->offer));

  plant_rpc_offer_set_writer (self->offer, refuse, &n_released, count);
  plant_rpc_offer_release_handlers (self->offer);
  g_assert_cmpuint (n_released, ==, 2);
  g_assert_true (decide (self));
  g_assert_cmpuint (self->n_asked, ==, 2);
}

typedef struct {
  Fixture *fixture;
  guint    n_released;
} Replaced;

static gboolean
replace_itself (PlantRpcInvocation  *invocation,
                const char          *name,
                GVariant            *value,
                gpointer             user_data,
                GError             **error)
{
  Replaced *replaced = user_data;

  plant_rpc_offer_set_writer (replaced->fixture->offer, refuse, NULL, NULL);
  g_assert_cmpuint (replaced->n_released, ==, 0);
  return TRUE;
}

static void
release_replaced (gpointer data)
{
  Replaced *replaced = data;

  replaced->n_released++;
}

static void
test_writer_replaced (Fixture       *self,
                      gconstpointer  data)
{
  Replaced replaced = { self, 0 };

  plant_rpc_offer_set_writer (self->offer, replace_itself, &replaced, release_replaced);
  g_assert_true (decide (self));
  g_assert_cmpuint (replaced.n_released, ==, 1);
  g_assert_false (decide (self));
}

#define ADD(name, function) \
  g_test_add ("/offer/" name, Fixture, NULL, set_up, function, tear_down)

/* A handler of writes that another one replaces, and that sets a third as it is released. */
typedef struct {
  PlantRpcOffer *offer;
  guint          n_released; /* of the third */
} Chain;

static void
count_released (gpointer chain)
{
  ((Chain *) chain)->n_released++;
}

static void
set_third (gpointer user_data)
{
  Chain *chain = user_data;

  plant_rpc_offer_set_writer (chain->offer, refuse, chain, count_released);
}

/* Each is released, however they are set. */
static void
test_writer_chain (Fixture       *self,
                   gconstpointer  data)
{
  Chain chain = { self->offer };

  plant_rpc_offer_set_writer (self->offer, refuse, &chain, set_third);
  plant_rpc_offer_set_writer (self->offer, refuse, NULL, NULL);
  g_assert_cmpuint (chain.n_released, ==, 0);
  plant_rpc_offer_set_writer (self->offer, NULL, NULL, NULL);
  g_assert_cmpuint (chain.n_released, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("object", test_object);
  ADD ("owner-type", test_owner_type);
  ADD ("hidden", test_hidden);
  ADD ("methods", test_methods);
  ADD ("methods/added-on-release", test_added_on_release);
  ADD ("methods/released-outside", test_released_outside);
  ADD ("methods/too-many", test_too_many);
  ADD ("writer", test_writer);
  ADD ("writer/replaced", test_writer_replaced);
  ADD ("writer/chain", test_writer_chain);
  return g_test_run ();
}
