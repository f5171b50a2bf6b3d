/*
 * Rules about the shadows: those of vmm/audit.h under the same names.
 */
#ifndef GRADER_ORACLE_AUDIT_H
#define GRADER_ORACLE_AUDIT_H

#include "grader/oracle/rules.h"

bool audit_pool(struct evidence *e);
bool audit_free(struct evidence *e);
bool audit_backed(struct evidence *e);
bool audit_host(struct evidence *e);
bool audit_roots(struct evidence *e);
bool audit_parents(struct evidence *e);
bool audit_rmap(struct evidence *e);
bool audit_frame(struct evidence *e);
bool audit_access(struct evidence *e);
bool audit_width(struct evidence *e);
bool audit_trace(struct evidence *e);
bool audit_fresh(struct evidence *e);

#endif
