package io.github.deletionpolicy.autoconfigure.annotated;

import io.github.deletionpolicy.Deletion;
import io.github.deletionpolicy.DeletionMode;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * An aggregate root that names its table.
 *
 * @param id the key
 */
@Table(schema = "billing", value = "Invoices")
@Deletion(mode = DeletionMode.SOFT, deletionTimeColumn = "deleted_at")
public record Invoice(@Id Long id) {
}
