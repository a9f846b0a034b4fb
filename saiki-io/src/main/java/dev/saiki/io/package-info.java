/// Basics of all modules: user errors ({@link dev.saiki.io.InputException}), atomic files ({@link
/// dev.saiki.io.AtomicFiles}), folder locks ({@link dev.saiki.io.DirectoryLock}) and "did you mean" ({@link
/// dev.saiki.io.Suggestions}).
package dev.saiki.io;
