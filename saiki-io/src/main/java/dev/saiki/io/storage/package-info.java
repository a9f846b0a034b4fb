/// Files and folders in object storage.
///
/// {@link dev.saiki.io.storage.Storage} is what the rest of the product calls: a path such as
/// `s3:/bucket/run` becomes a local copy that is only read, or a local working folder that is published.
/// Both go through an {@link dev.saiki.io.storage.ObjectStore}, which a module of its own provides for each
/// kind of storage, and which has only what storage promises: whole objects, and conditional writes of
/// single ones.
///
/// **How a folder is published.** Each file is an object `PREFIX/PATH/SHA256`, which never changes. The
/// object `PREFIX/saiki-folder.txt` lists them (see {@link dev.saiki.io.storage.DirectoryManifest}) and is
/// written last, on the condition that it is still the one that the writer knew. So a reader sees one whole
/// state of the folder or another, a kill in the middle leaves the state before, and of two writers one is
/// refused. `PREFIX/saiki-folder.lock` is the writer's lease.
package dev.saiki.io.storage;
