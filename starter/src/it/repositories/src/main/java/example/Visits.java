package example;

import org.springframework.data.repository.ListCrudRepository;

interface Visits extends ListCrudRepository<Visit, Long> {

	int deleteByText(String text);

}
