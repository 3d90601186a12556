package io.github.deletionpolicy.sample.workspace;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.ReadOnlyProperty;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A task of a project.
 *
 * @param id the id; {@code null} until it is saved
 * @param projectId the project
 * @param title the title
 * @param deletionTime when it was deleted; {@code null} if it is live
 */
@Table("tasks")
record Task(@Id @Nullable Long id, long projectId, String title, @ReadOnlyProperty @Nullable Instant deletionTime) {

}
