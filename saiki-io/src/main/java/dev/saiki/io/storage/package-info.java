/// Files and folders in object storage.
///
/// The rest of Saiki calls {@link dev.saiki.io.storage.Storage}: a path such as `s3:/bucket/run` becomes a
/// read-only local copy, or a local working folder that is published. Both use an
/// {@link dev.saiki.io.storage.ObjectStore}, which a separate module provides for each kind of storage, and which
/// is limited to the guarantees of object storage: whole objects, and conditional writes of single ones.
///
/// **How a folder is published.** Each file is an object `PREFIX/PATH/SHA256`, which never changes. The object
/// `PREFIX/saiki-folder.txt` lists them (see {@link dev.saiki.io.storage.DirectoryManifest}) and is written last,
/// on the condition that it is unchanged since the writer last read it. So a reader sees one complete state of the
/// folder or another, a kill in the middle leaves the previous state, and of two concurrent writers one is
/// refused. `PREFIX/saiki-folder.lock` is the writer's lease.
package dev.saiki.io.storage;
