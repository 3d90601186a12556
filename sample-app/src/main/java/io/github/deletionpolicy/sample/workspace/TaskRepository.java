package io.github.deletionpolicy.sample.workspace;

import java.util.List;
import java.util.Optional;

import org.springframework.data.relational.core.sql.LockMode;
import org.springframework.data.relational.repository.Lock;
import org.springframework.data.repository.ListCrudRepository;

/**
 * Tasks.
 */
interface TaskRepository extends ListCrudRepository<Task, Long> {

	List<Task> findByProjectIdAndDeletionTimeIsNullOrderById(long projectId);

	Optional<Task> findByIdAndDeletionTimeIsNull(long id);

	/**
	 * Find it and keep it live until the transaction ends, so that nothing is added to a
	 * task that is being deleted.
	 */
	@Lock(LockMode.PESSIMISTIC_READ)
	Optional<Task> findLockedByIdAndDeletionTimeIsNull(long id);

}
