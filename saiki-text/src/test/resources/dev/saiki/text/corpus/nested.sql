-- Makes nested.parquet beside this file, with columns as those of ARC and MMLU; run with DuckDB 1.4: duckdb < nested.sql
COPY (
    SELECT 'Which is größer?' AS question,
           {'text': ['an ant', 'a whale'], 'label': ['A', 'B']} AS choices,
           'B' AS "answerKey", CAST(1 AS BIGINT) AS answer, CAST(NULL AS VARCHAR) AS hint
    UNION ALL
    SELECT 'Which flies?', {'text': ['a stone', 'a gull', 'a ship'], 'label': ['1', '2', '3']}, '2', 1, 'wings'
) TO 'nested.parquet' (FORMAT parquet, COMPRESSION snappy);
