// SPDX-License-Identifier: LGPL-2.1-or-later
// Errors both ways: an Error that a handler throws is the caller's, and says where it was thrown.

var {answerThrown, callStack, explain} = (({Error, Object, String, imports}) => {
    const {GLib} = imports.gi;
    const {wellFormed} = imports.overrides.plantrpc.values;

    // The lines of a stack that are the application's.
    function ownLines(stack) {
        return stack.split('\n').filter(line => !line.includes('/overrides/plantrpc/')).join('\n');
    }

    // A text of a device for people, in its lines.
    function show(PlantRpc, text) {
        return text.replace(/[^\n\t]+/g, part => PlantRpc.text_escape(part));
    }

    // Where an error was made, which takes time to tell.
    function callStack(origin) {
        return ownLines(origin.stack);
    }

    // Adds to the error of a call or a write what its caller wants to know. `harmless` tells that
    // the device was asked to do nothing.
    function explain(PlantRpc, error, {stack = null, harmless = false} = {}) {
        if (!(error instanceof GLib.Error))
            return error;
        const {Error: Domain} = PlantRpc;
        const traceback = Domain.get_traceback(error);
        const told = {
            traceback,
            remoteName: Domain.get_remote_name(error),
            mayHaveRun: !harmless && Domain.may_have_run(error),
        };
        for (const [name, value] of Object.entries(told))
            Object.defineProperty(error, name, {value, configurable: true, writable: true});
        error.stack = ownLines(error.stack);
        if (stack)
            error.stack += `### Promise created here: ###\n${stack}`;
        if (traceback)
            error.stack += `### On the device: ###\n${show(PlantRpc, traceback)}\n`;
        return error;
    }

    // A text that can travel, whatever making it throws.
    function textOf(make) {
        try {
            return wellFormed(String(make() ?? '').replaceAll('\0', '\ufffd'));
        } catch {
            return '';
        }
    }

    // Answers an invocation with what a handler has thrown, which may be anything.
    function answerThrown(invocation, thrown) {
        if (thrown instanceof GLib.Error) {
            invocation.return_gerror(thrown);
        } else if (thrown instanceof Error) {
            const name = textOf(() => thrown.name) || 'Error';
            const stack = textOf(() => ownLines(thrown.stack));
            invocation.return_failure(textOf(() => thrown.message) || name,
                `${textOf(() => String(thrown)) || name}\n${stack}`);
        } else {
            invocation.return_failure(textOf(() => String(thrown)) || 'Error');
        }
    }

    return {answerThrown, callStack, explain};
})(globalThis);
