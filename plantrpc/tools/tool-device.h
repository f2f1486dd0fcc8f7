/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-failure.h"

G_BEGIN_DECLS

/* A device that is connected. */
typedef struct {
  char           *label;  /* (owned): as the user called it */
  char           *url;    /* (owned) */
  PlantRpcClient *client; /* (owned) */
  GError         *lost;   /* (owned) (nullable): why no value is asked of it any more */
} ToolDevice;

PlantRpcClient        *tool_device_new_client (const char            *url,
                                               gboolean               receives);
guint                  tool_device_poll      (PlantRpcClient         *client);
gboolean               tool_device_reopen    (Tool                   *tool,
                                              ToolDevice             *self,
                                              gboolean                receives);
ToolExit               tool_device_fail_to_connect (Tool             *tool,
                                                    ToolDevice       *self);
ToolDevice            *tool_device_open      (Tool                   *tool,
                                              const char             *text);
void                   tool_device_free      (ToolDevice             *self);
PlantRpcInterfaceInfo *tool_device_get_info  (ToolDevice             *self);
const char            *tool_device_name_wire (ToolDevice             *self);
PlantRpcPropertyInfo  *tool_device_find_property (Tool               *tool,
                                                  ToolDevice         *self,
                                                  const char         *name);
ToolExit               tool_device_fail      (Tool                   *tool,
                                              ToolDevice             *self,
                                              const char             *member,
                                              const GError           *error);
ToolExit               tool_device_exit_for_read (const GError       *error);
ToolExit               tool_device_fail_to_read (Tool                *tool,
                                                 ToolDevice          *self,
                                                 const char          *member,
                                                 const GError        *error);
ToolExit               tool_device_fail_to_write (Tool               *tool,
                                                  ToolDevice         *self,
                                                  const char         *member,
                                                  const GError       *error);
char                  *tool_device_describe_silence (int              patience);
GVariant              *tool_device_learn     (Tool                   *tool,
                                              ToolDevice             *self,
                                              const char             *name,
                                              gboolean                fresh,
                                              GError                **error);
GVariant              *tool_device_read      (Tool                   *tool,
                                              ToolDevice             *self,
                                              const char             *name,
                                              GError                **error);
gboolean               tool_device_write     (Tool                   *tool,
                                              ToolDevice             *self,
                                              const char             *name,
                                              GVariant               *value,
                                              GError                **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolDevice, tool_device_free)

G_END_DECLS
