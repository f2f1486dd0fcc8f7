/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-client.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-test-peer.h"

G_BEGIN_DECLS

/* A device that does nothing by itself: a ROUTER, on a port of loopback that the system picks. The
 * test takes the requests one by one and answers them, late, twice, wrongly or not at all. While it
 * waits the default main context runs. */
typedef struct _TestDevice TestDevice;

/* One request, as it came. */
typedef struct {
  GBytes          *identity; /* (owned): of the client's connection */
  GBytes          *id;       /* (owned) */
  PlantRpcRequest  request;  /* (owned) */
} TestRequest;

/* What most of these devices are: methods echo(message), told(timeout 50 ms), patient(none) and the
 * buffer method get_image(); properties level (an integer, 0 to 100000) and mode (text); signals
 * levelChanged, captured (text, integer) and ping. */
#define TEST_DEVICE_INTERFACE                                                                \
  "{\"methods\": {\"echo\": {\"signature\": \"message\"}, \"told\": {\"timeout\": 50},"      \
  " \"patient\": {\"timeout\": null}, \"get_image\": {\"buffer\": true}},"                    \
  " \"properties\": {\"level\": {\"type\": \"i\", \"minimum\": 0, \"maximum\": 100000,"       \
  " \"changeSignal\": \"levelChanged\"}, \"mode\": {\"type\": \"s\"}},"                       \
  " \"signals\": {\"levelChanged\": {\"signature\": \"(i)\", \"property\": \"level\","        \
  " \"implicit\": true}, \"captured\": {\"signature\": \"(si)\"},"                            \
  " \"ping\": {\"signature\": \"()\"}}}"
#define TEST_DEVICE_INVENTORY                                                                \
  "\"json_methods\": {\"echo\": 10000, \"told\": 50, \"patient\": null},"                     \
  " \"buffer_methods\": {\"get_image\": 10000}, \"signals\": [\"levelChanged\","             \
  " \"captured\", \"ping\"], \"properties\": [\"level\", \"mode\"], \"name\": \"\""

/* Options of a link to a device. */
extern const PlantRpcLinkOptions test_link_options;

/* Returns a timer in a main context that nobody runs, so that it rings only when the test rings
 * it. */
PlantRpcTimer *test_timer_new          (void);

TestDevice  *test_device_new           (void);
/* Again at the url of a device that has gone. */
TestDevice  *test_device_new_at        (const char       *url);
/* Vanishes. */
void         test_device_free          (TestDevice       *self);
const char  *test_device_get_url       (TestDevice       *self);
/* How long messages are still sent after the device has closed its socket, in ms. */
void         test_device_set_linger    (TestDevice       *self,
                                        int               linger);

/* The next request. */
TestRequest *test_device_next          (TestDevice       *self);
/* The next one, which must be of that event. */
TestRequest *test_device_expect        (TestDevice       *self,
                                        PlantRpcEvent     event);
/* The next request of a client that waits for its answer; what needs none is let through. */
TestRequest *test_device_expect_soon   (TestDevice       *self,
                                        PlantRpcEvent     event);
/* Whether nothing has come, after the client has had its turn. */
gboolean     test_device_is_idle       (TestDevice       *self);
void         test_request_free         (TestRequest      *self);

/* Raw frames: PAYLOAD and BUFFER (both nullable) after id and delimiter. */
void         test_device_reply         (TestDevice       *self,
                                        TestRequest      *request,
                                        GBytes           *payload,
                                        GBytes           *buffer);
void         test_device_reply_text    (TestDevice       *self,
                                        TestRequest      *request,
                                        const char       *text);
/* In the format of the request. VALUE is sunk; NULL: done. */
void         test_device_reply_value   (TestDevice       *self,
                                        TestRequest      *request,
                                        GVariant         *value);
void         test_device_reply_error   (TestDevice       *self,
                                        TestRequest      *request,
                                        const char       *message);
/* Any frames to the client that asked last, after its identity. */
void         test_device_send          (TestDevice       *self,
                                        GPtrArray        *frames);
void         test_device_push_bytes    (TestDevice       *self,
                                        guint64           sequence,
                                        GBytes           *payload);
/* A signal, with ARGS (av), sunk; the next value of a property, sunk; lost signals. */
void         test_device_push_signal   (TestDevice       *self,
                                        guint64           sequence,
                                        const char       *name,
                                        GVariant         *args);
void         test_device_push_changed  (TestDevice       *self,
                                        guint64           sequence,
                                        const char       *name,
                                        GVariant         *value);
void         test_device_push_lost     (TestDevice       *self,
                                        guint64           sequence,
                                        guint64           n_lost);

/* Answers what a client asks on a fresh connection, natively. LEVEL and MODE are the values. */
void         test_device_greet         (TestDevice       *self,
                                        int               level,
                                        const char       *mode);
/* The same of a device that describes itself by INTERFACE (JSON). VALUES is the text of a{sv}. */
void         test_device_greet_with    (TestDevice       *self,
                                        const char       *interface,
                                        const char       *values);
/* The same as a server of Plant Imager. SIGNALS: the reply to INIT_SIGNALS_HANDLING; NULL: signals
 * come already, and it is not asked. */
void         test_device_greet_json    (TestDevice       *self,
                                        int               level,
                                        const char       *mode,
                                        const char       *signals);

/* Runs the default main context until CLIENT is in STATE. */
void         test_client_wait_state    (PlantRpcClient   *client,
                                        PlantRpcState     state);
/* A client of the type that TEST_DEVICE_INTERFACE describes, and one that is used by name. Neither
 * has a heartbeat, since the test takes each request. */
PlantRpcClient *test_client_new        (const char       *url);
PlantRpcClient *test_client_new_plain  (const char       *url);

/* Keeps the result of an operation: a GAsyncReadyCallback whose data is a GAsyncResult *. */
void         test_keep_result          (GObject          *object,
                                        GAsyncResult     *result,
                                        gpointer          user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestDevice, test_device_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestRequest, test_request_free)

G_END_DECLS
