/// What every module needs of the outside world: the one error a user can cause ({@link dev.saiki.io.InputException}),
/// files that are never half written ({@link dev.saiki.io.AtomicFiles}), a lock against two runs in one folder
/// ({@link dev.saiki.io.DirectoryLock}) and "did you mean" ({@link dev.saiki.io.Suggestions}).
package dev.saiki.io;
