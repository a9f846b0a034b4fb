/// Files and folders in object storage.
///
/// The rest of Saiki calls {@link dev.saiki.io.storage.Storage}, which turns a path such as `s3:/bucket/run` into
/// a read-only local copy, or into a local working folder that is published. Copies and working folders use an
/// {@link dev.saiki.io.storage.ObjectStore}, which a separate module provides for each kind of storage. An object
/// store guarantees writes of whole objects, and conditional writes of single objects.
///
/// **How a folder is published.** Each file is an object `PREFIX/PATH/SHA256`, which never changes. The object
/// `PREFIX/saiki-folder.txt` lists the files (see {@link dev.saiki.io.storage.DirectoryManifest}). The list is
/// written last, and only if the stored list is unchanged since the writer last read it. So a reader finds a
/// complete state of the folder, a writer killed in the middle leaves the previous state, and one of two
/// concurrent writers fails. `PREFIX/saiki-folder.lock` is the writer's lease.
package dev.saiki.io.storage;
