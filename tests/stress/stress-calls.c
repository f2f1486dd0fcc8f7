/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "stress-calls.h"
#include "stress.h"

static void
call_free (gpointer data)
{
  StressCall *call = data;

  g_clear_error (&call->error);
  g_free (call->token);
  g_free (call);
}

GPtrArray *
stress_calls_new (void)
{
  return g_ptr_array_new_with_free_func (call_free);
}

gboolean
stress_calls_have_ended (GPtrArray *self,
                         guint      n)
{
  for (guint i = 0; i < n; i++)
    {
      if (!((StressCall *) self->pdata[i])->ended)
        return FALSE;
    }
  return TRUE;
}

static StressCall *
add_call (GPtrArray *self)
{
  StressCall *call = g_new0 (StressCall, 1);

  g_ptr_array_add (self, call);
  return call;
}

static void
end_call (StressCall *call,
          GError     *error)
{
  g_assert_false (call->ended);
  call->ended = TRUE;
  call->error = error;
}

static void
on_called (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  GError *error = NULL;
  g_autoptr (GVariant) value =
      plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result, &error);

  if (value != NULL)
    g_assert_cmpint (g_variant_get_int64 (value), ==, 1);
  end_call (user_data, error);
}

/* Takes ownership of ARGS if they are floating, which begin with the token. */
static StressCall *
count_with (GPtrArray      *self,
            PlantRpcClient *client,
            GVariant       *args,
            int             timeout)
{
  StressCall *call = add_call (self);

  g_variant_get_child (args, 0, "s", &call->token);
  call->timeout = timeout;
  plant_rpc_client_call (client, "count", args, NULL, timeout, NULL, on_called, call);
  return call;
}

StressCall *
stress_calls_count (GPtrArray      *self,
                    PlantRpcClient *client,
                    double          seconds,
                    int             timeout)
{
  g_autofree char *token = g_strdup_printf ("t%u", self->len);

  return count_with (self, client, g_variant_new ("(sd)", token, seconds), timeout);
}

StressCall *
stress_calls_count_large (GPtrArray      *self,
                          PlantRpcClient *client,
                          int             timeout)
{
  g_autofree char *token = g_strdup_printf ("t%u", self->len);
  g_autofree char *filling = g_strnfill (STRESS_LARGE, 'x');

  return count_with (self, client, g_variant_new ("(sds)", token, 0.0, filling), timeout);
}

static void
on_written (GObject      *client,
            GAsyncResult *result,
            gpointer      user_data)
{
  GError *error = NULL;

  plant_rpc_client_write_property_finish (PLANT_RPC_CLIENT (client), result, &error);
  end_call (user_data, error);
}

StressCall *
stress_calls_write (GPtrArray      *self,
                    PlantRpcClient *client,
                    int             value)
{
  StressCall *call = add_call (self);

  call->value = value;
  plant_rpc_client_write_property (client, "rotation", g_variant_new_int32 (value), NULL,
                                   on_written, call);
  return call;
}

void
stress_calls_reach (GPtrArray      *self,
                    PlantRpcClient *client,
                    int             timeout)
{
  StressCall *call;

  do
    {
      call = stress_calls_count (self, client, 0, timeout);
      STRESS_WAIT (call->ended);
    }
  while (call->error != NULL);
}

void
stress_call_assert (StressCall *self,
                    GHashTable *journal)
{
  guint n = self->token != NULL ? stress_journal_count (journal, self->token)
                                : stress_journal_count_set (journal, "rotation", self->value);

  g_assert_cmpuint (n, <=, 1);
  if (self->error == NULL)
    g_assert_cmpuint (n, ==, 1);
  else if (!plant_rpc_error_may_have_run (self->error))
    g_assert_cmpuint (n, ==, 0);
}
