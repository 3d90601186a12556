package io.github.deletionpolicy.sample.workspace;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.ReadOnlyProperty;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A file of a task. The sample keeps its name only.
 *
 * @param id the id; {@code null} until it is saved
 * @param taskId the task
 * @param fileName the name of the file
 * @param deletionTime when it was deleted; {@code null} if it is live
 */
@Table("attachments")
record Attachment(@Id @Nullable Long id, long taskId, String fileName,
		@ReadOnlyProperty @Nullable Instant deletionTime) {

}
