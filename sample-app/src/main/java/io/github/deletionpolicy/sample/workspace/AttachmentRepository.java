package io.github.deletionpolicy.sample.workspace;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

import org.springframework.data.repository.ListCrudRepository;

/**
 * Attachments.
 */
interface AttachmentRepository extends ListCrudRepository<Attachment, Long> {

	List<Attachment> findByTaskIdInAndDeletionTimeIsNullOrderById(Collection<Long> taskIds);

	Optional<Attachment> findByIdAndDeletionTimeIsNull(long id);

}
