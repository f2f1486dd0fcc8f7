/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The home of all objects that belong to one main context. Only one thread at a time is at home:
 * the thread that dispatches a source of the context, or one that calls a function of such an
 * object. So no two threads use one socket.
 *
 * A thread enters at each public function and for each source, and may enter again. It steps out
 * while code of the application runs, and while it waits, so that other threads may enter. Whoever
 * steps out must expect the same as of a handler that calls every public function.
 *
 * A thread that is not the owner of the main context must not run handlers of the application. It
 * leaves them to the owner: see plant_rpc_home_is_shown_here(). */
typedef struct _PlantRpcHome PlantRpcHome;
typedef PlantRpcHome PlantRpcHold;

/* How many homes a thread can be at without leaving one of them behind when it steps out. */
#define PLANT_RPC_HOME_MAX_NESTED 4

/* Whether the thread at home is the owner of the main context. */
typedef enum {
  PLANT_RPC_OWNERSHIP_UNKNOWN,
  PLANT_RPC_OWNERSHIP_NONE,
  PLANT_RPC_OWNERSHIP_HELD,
  PLANT_RPC_OWNERSHIP_ACQUIRED, /* for this stay */
} PlantRpcOwnership;

/* What the thread at home has found out and done. */
typedef struct {
  PlantRpcHome      *home;
  guint              depth;    /* how often it has entered */
  guint              n_blocks; /* above 0: it shows nothing to the application */
  gboolean           stirred;  /* something may have changed, so other threads look */
  gboolean           kept;     /* it has a reference to the home */
  PlantRpcOwnership  ownership;
} PlantRpcStay;

/* What a thread that has stepped out goes back to. */
typedef struct {
  PlantRpcStay stays[PLANT_RPC_HOME_MAX_NESTED];
  guint        n_stays;
} PlantRpcOutside;

typedef enum {
  PLANT_RPC_DWELLER_NONE, /* or only this thread until now */
  PLANT_RPC_DWELLER_SELF,
  PLANT_RPC_DWELLER_OTHER,
} PlantRpcDweller;

/* A short stay. */
typedef struct {
  PlantRpcHome *home;   /* (nullable) */
  gboolean      exists; /* FALSE: the source has been destroyed, so nothing of it may be used */
} PlantRpcLook;

/* Returns the home of CONTEXT, which is NULL for the default one. */
PlantRpcHome    *plant_rpc_home_new            (GMainContext          *context);
/* Returns the home of an object that is being made: that of the thread-default main context, unless
 * another context was set for what this thread makes. */
PlantRpcHome    *plant_rpc_home_new_for_object (void);
/* CONTEXT is NULL to make objects in the thread-default context again. This serves a thread that is
 * not the owner of CONTEXT, since such a thread cannot push it as its thread-default one. */
void             plant_rpc_home_set_birthplace (GMainContext          *context);
PlantRpcHome    *plant_rpc_home_ref            (PlantRpcHome          *self);
void             plant_rpc_home_unref          (PlantRpcHome          *self);
GMainContext    *plant_rpc_home_get_context    (PlantRpcHome          *self);

PlantRpcHold    *plant_rpc_home_enter          (PlantRpcHome          *self);
void             plant_rpc_home_leave          (PlantRpcHome          *self);
/* For the prepare and check of a source, which change nothing and enter no home. POLLS is TRUE if
 * this thread polls afterwards. */
PlantRpcLook     plant_rpc_home_look_in        (PlantRpcHome          *self,
                                                GSource               *source,
                                                gboolean               polls);
void             plant_rpc_home_look_out       (PlantRpcLook          *look);
/* For the dispatch of a source. Returns NULL if SOURCE has been destroyed meanwhile. */
PlantRpcHold    *plant_rpc_home_enter_source   (PlantRpcHome          *self,
                                                GSource               *source);
/* If plant_rpc_home_owns_context() has made this thread the owner, another one may be it again. */
void             plant_rpc_home_give_up_context (PlantRpcHome         *self);
/* Returns whether another thread has just polled for the main context. May be called from outside,
 * and enters no home. */
gboolean         plant_rpc_home_has_other_dweller (PlantRpcHome       *self);
/* Tells which thread runs the main context, or has just run it, and enters no home. It is the owner
 * of the context for a moment if nobody is. */
PlantRpcDweller  plant_rpc_home_find_dweller   (PlantRpcHome          *self);
/* Runs FUNC for OBJECT in the main context of the home, after the functions that run now. */
void             plant_rpc_home_invoke_later   (PlantRpcHome          *self,
                                                void                 (*func) (GObject *object),
                                                GObject               *object);
/* For a dispose. A thread that does not run the main context keeps OBJECT until it is here again,
 * or ends. */
PlantRpcHold    *plant_rpc_home_enter_dispose  (PlantRpcHome          *self,
                                                GObject               *object);

/* Leaves all homes at which this thread is, until plant_rpc_home_step_in(). */
PlantRpcOutside  plant_rpc_home_step_out       (void);
void             plant_rpc_home_step_in        (PlantRpcOutside       *outside);

/* Calls DESTROY (nullable), which is code of the application, outside of all homes. */
void             plant_rpc_home_call_outside   (GDestroyNotify         destroy,
                                                gpointer               data);

/* Returns whether this thread is the owner of the main context. If nobody is, it becomes that until
 * it leaves. Must be called at home. */
gboolean         plant_rpc_home_owns_context   (PlantRpcHome          *self);
/* Returns whether this thread may run handlers now: it is the owner of the main context, or nobody
 * is, and it does not block. Must be called at home. */
gboolean         plant_rpc_home_is_shown_here  (PlantRpcHome          *self);
/* Enters, and shows nothing from inside until plant_rpc_home_unblock(). */
void             plant_rpc_home_block          (PlantRpcHome          *self);
void             plant_rpc_home_unblock        (PlantRpcHome          *self);

/* Steps out, and polls until one of FDS is ready, until DEADLINE (monotonic µs, or -1), or until
 * another thread has been at home. FDS must have room for one more. Returns whether one of FDS is
 * ready. */
gboolean         plant_rpc_home_poll           (PlantRpcHome          *self,
                                                GPollFD               *fds,
                                                guint                  n_fds,
                                                gint64                 deadline);

/* What plant_rpc_home_poll() reported has been used, so other threads look, too. */
void             plant_rpc_home_note_change    (PlantRpcHome          *self);

typedef void   (*PlantRpcNotifyFunc)           (GObject               *object,
                                                guint                  n_pspecs,
                                                GParamSpec           **pspecs);
/* While NOTIFYING, the calling thread keeps objects whose last reference it has dropped. */
void             plant_rpc_home_set_notifying  (gboolean               notifying);
/* For dispatch_properties_changed() of a class: calls CHAIN_UP outside of the home, here or in the
 * thread that owns the main context. */
void             plant_rpc_home_notify         (PlantRpcHome          *self,
                                                PlantRpcNotifyFunc     chain_up,
                                                GObject               *object,
                                                guint                  n_pspecs,
                                                GParamSpec           **pspecs);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcHome, plant_rpc_home_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcHold, plant_rpc_home_leave)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcLook, plant_rpc_home_look_out)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcOutside, plant_rpc_home_step_in)

G_END_DECLS
