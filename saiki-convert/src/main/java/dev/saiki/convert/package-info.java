/// Models of other tools, in ({@link dev.saiki.convert.ModelImport}) and out ({@link
/// dev.saiki.convert.ModelExport}).
package dev.saiki.convert;
