package example;

import java.util.List;
import java.util.Optional;

import org.springframework.data.jdbc.repository.query.Query;
import org.springframework.data.repository.ListCrudRepository;
import org.springframework.data.repository.ListPagingAndSortingRepository;
import org.springframework.data.repository.query.ListQueryByExampleExecutor;

interface Customers extends ListCrudRepository<Customer, Long>, ListPagingAndSortingRepository<Customer, Long>,
		ListQueryByExampleExecutor<Customer> {

	Optional<Customer> findByName(String name);

	@Query("SELECT count(*) FROM live_customers WHERE name LIKE :pattern")
	long countLike(String pattern);

	long deleteByName(String name);

	List<Customer> removeByNameStartingWith(String prefix);

}
