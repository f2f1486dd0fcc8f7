// SPDX-License-Identifier: LGPL-2.1-or-later
// Garbage is collected whole before the main loop goes on.
//
// The engine collects bit by bit, and from the first object that it lets go of to the last GJS 1.74
// calls nobody back: signals, replies and calls that arrive meanwhile would be lost, and timers
// removed. So whoever runs JavaScript on behalf of plantrpc calls `finish()` at its end.

var {finish, finishLater, finishing} = (({imports}) => {
    const {Gio} = imports.gi;
    const {gc, refcount} = imports.system;

    const HOPS = 4; // turns of the queue of promises in which what awaits a reply goes on

    // An object whose only other holder is garbage: when it has lost that one, a collection is
    // under way.  A WeakRef cannot tell: GJS 1.74 keeps what one was asked for.
    const held = new Gio.SimpleAction({name: 'held'});
    const UNHELD = refcount(held);
    let hopsLeft = 0;

    function arm() {
        new Gio.PropertyAction({name: 'holder', object: held, property_name: 'enabled'});
    }

    // Ends a collection that has begun.
    function finish() {
        if (refcount(held) > UNHELD)
            return;
        gc();
        arm();
    }

    async function hop() {
        while (hopsLeft > 0) {
            // eslint-disable-next-line no-await-in-loop
            await null;
            hopsLeft--;
            finish();
        }
    }

    // The same once those who wait for a promise that is settled now have gone on.
    function finishLater() {
        const isHopping = hopsLeft > 0;
        hopsLeft = HOPS;
        if (!isHopping)
            hop();
    }

    // A function that ends with it.
    function finishing(callback) {
        return function (...args) {
            try {
                return callback.apply(this, args);
            } finally {
                finish();
            }
        };
    }

    arm();
    return {finish, finishLater, finishing};
})(globalThis);
