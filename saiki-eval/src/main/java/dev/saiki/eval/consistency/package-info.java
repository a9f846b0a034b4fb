/// Audits of consistency: whether depth or answers depend on properties that should not matter, such as
/// paraphrase, format, language or customer group ({@link dev.saiki.eval.consistency.ConsistencyAudit}).
package dev.saiki.eval.consistency;
