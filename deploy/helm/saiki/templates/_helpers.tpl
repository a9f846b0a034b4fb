{{- define "saiki.labels" -}}
app.kubernetes.io/name: saiki
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "saiki.selector" -}}
app.kubernetes.io/name: saiki
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "saiki.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "saiki.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .Values.user }}
runAsGroup: {{ .Values.user }}
fsGroup: {{ .Values.user }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "saiki.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- /* Environment variables as in Kubernetes. Helm stores values in the cluster, so they must not contain secrets. */}}
{{- define "saiki.env" -}}
{{- range . }}
{{- if and (hasKey . "value") (regexMatch "(?i)(key|secret|password|token)$" .name) }}
{{- fail (printf "%s must come from a secret, by valueFrom.secretKeyRef or envFrom" .name) }}
{{- end }}
{{- end }}
{{- toYaml . }}
{{- end }}

{{- /* Requests reach a stopping pod until all nodes have removed it from its Service, so it stops a little later. */}}
{{- define "saiki.preStop" -}}
preStop:
  sleep: {seconds: {{ .Values.preStopSeconds }}}
{{- end }}

{{- /* After the last answer, a server needs up to 21 seconds to close. */}}
{{- define "saiki.grace" -}}
terminationGracePeriodSeconds: {{ add .root.Values.preStopSeconds .drainSeconds 30 }}
{{- end }}
