// SPDX-License-Identifier: LGPL-2.1-or-later
// plantrpc as a programmer in JavaScript expects it; GJS loads this with the library.
//
//   const camera = await PlantRpc.connect(Camera, 'tcp://pi-cam-1:5000');
//   const [bytes, info] = await camera.getImage(true);       // or get_image
//   await camera.getImage.named({lores: true});
//   await camera.getImage.with({timeout: 500, cancellable})(true);
//   camera.getImage.sync(true);                               // blocks
//   camera.videoUrl = 'rtsp://camera/1';                      // or video_url, or ['video-url']
//
//   static [PlantRpc.methods] = {
//       add: 'a: i, b: i = 2',
//       get_image: {signature: 'lores: b = false', buffer: true, timeout: PlantRpc.TIMEOUT_NONE},
//       slow: {signature: '', invocation: true},   // the PlantRpc.Invocation comes first
//   };
//
// An error of a call has `traceback`, `remoteName` and `mayHaveRun`.  A method whose name a client
// has taken for itself, such as `close`, is had as `remote_close` and `remoteClose`.

// What runs often stands in a function in its file, which has the names of the language that it
// uses from outside: GJS looks a name that is of no function up in one scope after another whenever
// it is used, which takes as long as a call of the library.

const Client = imports.overrides.plantrpc.client;
const Declarations = imports.overrides.plantrpc.declarations;
const Server = imports.overrides.plantrpc.server;
const Trust = imports.overrides.plantrpc.trust;

function _init() {
    this.methods = Declarations.methods;
    Client.extend(this);
    Server.extend(this);
    Trust.extend(this);
}
