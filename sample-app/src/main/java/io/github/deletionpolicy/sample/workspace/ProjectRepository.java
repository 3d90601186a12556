package io.github.deletionpolicy.sample.workspace;

import java.util.List;
import java.util.Optional;

import org.springframework.data.relational.core.sql.LockMode;
import org.springframework.data.relational.repository.Lock;
import org.springframework.data.repository.ListCrudRepository;

/**
 * Projects. {@code deleteById} does what the policy of {@code projects} says. Finders
 * show deleted rows too, unless their name says otherwise.
 */
interface ProjectRepository extends ListCrudRepository<Project, Long> {

	List<Project> findByDeletionTimeIsNullOrderById();

	Optional<Project> findByIdAndDeletionTimeIsNull(long id);

	/**
	 * Find it and keep it live until the transaction ends, so that nothing is added to a
	 * project that is being deleted.
	 */
	@Lock(LockMode.PESSIMISTIC_READ)
	Optional<Project> findLockedByIdAndDeletionTimeIsNull(long id);

}
